-- Pins a version. $1 model_id, $2 site or NULL, $3 first day; NULL: today;
-- $4 all days; $5 version.
INSERT INTO model_pin (site, model_id, from_day, version)
SELECT site, $1::int, coalesce($3::date, CASE WHEN $4::boolean
	THEN '-infinity' ELSE (now() AT TIME ZONE timezone)::date END), $5::int
FROM site WHERE $2::text IS NULL OR site = $2
