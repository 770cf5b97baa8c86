-- how far the numbers of a report can be trusted
-- $1 from, $2 to, $3 site or NULL
WITH settled AS (
	SELECT d.day, coalesce(s.state, 3) AS state
	FROM (SELECT $1::date + n AS day
		FROM generate_series(0, $2::date - $1::date) n) d
	LEFT JOIN (
		SELECT day, min(CASE day_status WHEN 'open' THEN 0
			WHEN 'provisional' THEN 1 ELSE 2 END) AS state
		FROM day_status
		WHERE day BETWEEN $1 AND $2
			AND ($3::text IS NULL OR site = $3)
		GROUP BY day
	) s USING (day)
)
SELECT note, count::bigint AS count, meaning
FROM (
	SELECT 1 AS place, 'open days' AS note, count(*) AS count,
		'hits of these days may still be on their way' AS meaning
	FROM settled WHERE state = 0
	UNION ALL
	SELECT 2, 'provisional days', count(*),
		'refunds and late conversions may still change them'
	FROM settled WHERE state = 1
	UNION ALL
	SELECT 3, 'final days', count(*), 'read past the day by 35 days'
	FROM settled WHERE state = 2
	UNION ALL
	SELECT 4, 'days without data', count(*),
		'neither visits nor conversions nor costs'
	FROM settled WHERE state = 3
	UNION ALL
	SELECT 5, 'rows of roi_check', count(*),
		CASE WHEN count(*) = 0 THEN 'all sums agree'
		ELSE 'sums that do not agree: see the view roi_check' END
	FROM roi_check
	WHERE day BETWEEN $1 AND $2 AND ($3::text IS NULL OR site = $3)
	UNION ALL
	SELECT 6, 'waiting conversions', count(*),
		CASE WHEN count(*) = 0 THEN 'none waits for a currency rate'
		ELSE 'not counted until rates are imported: afterclick import-fx'
		END
	FROM waiting_conversions
	WHERE day BETWEEN $1 AND $2 AND ($3::text IS NULL OR site = $3)
	UNION ALL
	SELECT 7, 'waiting costs', count(*),
		CASE WHEN count(*) = 0 THEN 'none waits for a currency rate'
		ELSE 'not counted until rates are imported: afterclick import-fx'
		END
	FROM waiting_costs
	WHERE day BETWEEN $1 AND $2 AND ($3::text IS NULL OR site = $3)
	UNION ALL
	SELECT 8, 'waiting refunds', count(*),
		CASE WHEN count(*) = 0 THEN 'every refund has its order'
		ELSE 'not counted: see the view waiting_refunds' END
	FROM waiting_refunds w
	LEFT JOIN site s USING (site)
	WHERE (w.refund_time AT TIME ZONE coalesce(s.timezone, 'UTC'))::date
		BETWEEN $1 AND $2 AND ($3::text IS NULL OR w.site = $3)
	UNION ALL
	SELECT 9, 'missing conversions now',
		coalesce(sum(round(missing_conversions)), 0),
		CASE WHEN max(missing_conversions) > 20
		THEN 'pages are viewed and nobody converts: see the view site_watch'
		ELSE 'conversions keep coming' END
	FROM site_watch
	WHERE $3::text IS NULL OR site = $3
	UNION ALL
	SELECT 10, 'coverage fallen now', count(*),
		CASE WHEN count(*) = 0
		THEN 'as many orders and clicks are tracked as before'
		ELSE 'fewer orders or clicks are tracked: see the view site_watch'
		END
	FROM site_watch
	WHERE ($3::text IS NULL OR site = $3)
		AND (order_coverage < 0.8 * order_coverage_before
		OR tracking_rate < 0.8 * tracking_rate_before)
) notes
ORDER BY place
