-- All that is known of the experiments of a site ($1, NULL: all) called $2.
SELECT * FROM experiment_results
WHERE ($1::text IS NULL OR site = $1)
	AND ($2::text IS NULL OR experiment = $2)
ORDER BY site, experiment, number
