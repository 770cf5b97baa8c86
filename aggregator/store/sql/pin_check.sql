-- What a version was learnt from, and how many sites a pin would be for.
-- $1 model_id, $2 version, $3 site or NULL, $4 first day or NULL.
SELECT v.site, count(s.site) AS sites,
	coalesce(bool_or($4::date < (now() AT TIME ZONE s.timezone)::date), false)
		AS past
FROM model_version v
LEFT JOIN site s ON s.site = coalesce($3::text, nullif(v.site, ''), s.site)
WHERE v.model_id = $1::int AND v.version = $2::int
GROUP BY v.site
