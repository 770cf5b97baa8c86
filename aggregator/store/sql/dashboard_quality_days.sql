-- Data quality by day, at most 500 rows. $1 from, $2 to, $3 site
SELECT jsonb_build_object('rows', coalesce(jsonb_agg(to_jsonb(q)), '[]'))::text
	AS json
FROM (SELECT * FROM data_quality_daily
	WHERE site = $3 AND day BETWEEN $1 AND $2 ORDER BY day DESC LIMIT 500) q
