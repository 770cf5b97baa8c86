-- how far the numbers of each day can be trusted, all of it
-- $1 first day or NULL: 13 days before the last, $2 last day or NULL: today,
-- $3 site or NULL
SELECT *
FROM data_quality_daily
WHERE day >= coalesce($1::date, coalesce($2::date, current_date) - 13)
	AND day <= coalesce($2::date, 'infinity')
	AND ($3::text IS NULL OR site = $3)
ORDER BY site, day
