-- paths of channels before the conversions of a report, the most travelled
-- first; the share is of all conversions
-- $1 from, $2 to, $3 site or NULL, $4 rows at most or NULL
SELECT coalesce(path, '(no touch)') AS path, count(*) AS conversions,
	round(100.0 * count(*) / sum(count(*)) OVER (), 6) AS share_percent,
	sum(value) AS net_revenue
FROM converted_paths
WHERE day BETWEEN $1 AND $2 AND ($3::text IS NULL OR site = $3)
GROUP BY path
ORDER BY count(*) DESC, sum(value) DESC, path
LIMIT $4
