-- Paths of channels for people and tools.
-- $1 first day, $2 last day, $3 site or NULL.
SELECT path, sum(conversions)::bigint AS conversions, sum(value) AS value,
	sum(nulls)::bigint AS nulls, site
FROM conversion_paths
WHERE day BETWEEN $1 AND $2 AND ($3::text IS NULL OR site = $3)
GROUP BY site, path, channels
ORDER BY conversions DESC, nulls DESC, path, site
