-- What differs from the weeks before, in the last 31 of a report's days.
-- $1 from, $2 to, $3 site or NULL, $4 rows at most, NULL for all
SELECT day::text AS day, site, measure, mark, value, median, weeks
FROM data_quality_marks
WHERE day BETWEEN greatest($1::date, $2::date - 30) AND $2
	AND ($3::text IS NULL OR site = $3)
ORDER BY data_quality_marks.day DESC, abs(score) DESC, site, measure
LIMIT $4::bigint
