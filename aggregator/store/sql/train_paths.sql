-- Paths to learn from: channels joined by the unit separator.
-- $1 first day, $2 last day, $3 site or NULL.
SELECT array_to_string(channels, chr(31)) AS path,
	sum(conversions)::bigint AS conversions,
	(sum(value) * 1000000)::bigint AS value_micros,
	sum(nulls)::bigint AS nulls
FROM conversion_paths
WHERE day BETWEEN $1 AND $2 AND ($3::text IS NULL OR site = $3)
GROUP BY channels
ORDER BY channels
