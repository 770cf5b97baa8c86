-- The paths before the latest conversions of a time.
-- $1 from, $2 to, $3 site, $4 conversions at most, $5 paths at most
WITH latest AS (
	SELECT path, value
	FROM converted_paths
	WHERE site = $3 AND day BETWEEN $1 AND $2
	ORDER BY day DESC
	LIMIT $4 + 1
), shown AS (
	SELECT path, value FROM latest LIMIT $4
), path AS (
	SELECT path, count(*) AS conversions, sum(value) AS value
	FROM shown GROUP BY path
), ranked AS (
	SELECT *, row_number() OVER (ORDER BY conversions DESC, value DESC, path)
		AS place
	FROM path
)
SELECT jsonb_build_object(
	'paths', coalesce(jsonb_agg(jsonb_build_array(path, conversions,
		round(value, 2)) ORDER BY place) FILTER (WHERE place <= $5), '[]'),
	'different', count(*), 'conversions', coalesce(sum(conversions), 0),
	'cut', (SELECT count(*) > $4 FROM latest))::text AS json
FROM ranked
