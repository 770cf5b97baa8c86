-- every day of a report, those without anything too
-- $1 from, $2 to, $3 model, $4 site or NULL
-- A day of several sites is as settled as the least settled of them.
SELECT d.day, coalesce(s.state, 'no data') AS day_status,
	coalesce(r.conversions, 0)::numeric(38,6) AS conversions,
	coalesce(r.net_revenue, 0)::numeric(38,6) AS net_revenue,
	CASE WHEN coalesce(r.waiting, 0) = 0
		THEN coalesce(r.cost, 0)::numeric(38,6) END AS cost
FROM (SELECT $1::date + n AS day
	FROM generate_series(0, $2::date - $1::date) n) d
LEFT JOIN (
	SELECT day, sum(conversions) AS conversions,
		sum(net_revenue) AS net_revenue, sum(cost) AS cost,
		count(*) - count(cost) AS waiting
	FROM campaign_roi_daily
	WHERE day BETWEEN $1 AND $2 AND date_basis = 'conversion' AND model = $3
		AND ($4::text IS NULL OR site = $4)
	GROUP BY day
) r USING (day)
LEFT JOIN (
	SELECT day, CASE
		WHEN bool_or(day_status = 'open') THEN 'open'
		WHEN bool_or(day_status = 'provisional') THEN 'provisional'
		ELSE 'final' END AS state
	FROM day_status
	WHERE day BETWEEN $1 AND $2 AND ($4::text IS NULL OR site = $4)
	GROUP BY day
) s USING (day)
ORDER BY d.day
