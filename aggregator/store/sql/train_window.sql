-- The last 90 final days of a site, or of all. $1 site or NULL.
SELECT max(day) - 89 AS from_day, max(day) AS to_day FROM (
	SELECT site, max(day) AS day FROM day_status
	WHERE day_status = 'final' AND ($1::text IS NULL OR site = $1)
	GROUP BY site
) s
