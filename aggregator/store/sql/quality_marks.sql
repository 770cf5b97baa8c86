-- what is unusual for its weekday
-- $1 first day or NULL: 13 days before the last, $2 last day or NULL: today,
-- $3 site or NULL
SELECT site, day, measure, mark, value, median, mad, weeks, score
FROM data_quality_marks
WHERE day >= coalesce($1::date, coalesce($2::date, current_date) - 13)
	AND day <= coalesce($2::date, 'infinity')
	AND ($3::text IS NULL OR site = $3)
ORDER BY site, day, abs(score) DESC, measure
