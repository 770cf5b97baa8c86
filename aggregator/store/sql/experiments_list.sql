-- Each experiment of a site ($1, NULL: all) in a line; $2 its name.
SELECT site, experiment, kind, goal, min(status) AS status,
	string_agg(variant || ' ' || customers, ', ' ORDER BY number)
		AS customers, max(excluded) AS excluded,
	max(unknown) AS unknown, max(planned_n) AS planned_n,
	max(srm_p) AS srm_p
FROM experiment_results
WHERE ($1::text IS NULL OR site = $1)
	AND ($2::text IS NULL OR experiment = $2)
GROUP BY site, experiment, kind, goal
ORDER BY site, experiment
