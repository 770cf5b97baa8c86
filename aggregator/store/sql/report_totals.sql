-- head numbers of a report: these days beside as many days before them
-- $1 from, $2 to, $3 model, $4 site or NULL
-- Sums first, then ratios of the sums; a cost that waits for a rate makes the
-- sum, and so its ratios, unknown.
WITH term AS (
	SELECT r.day >= $1 AS now,
		sum(r.visits) AS visits, sum(r.conversions) AS conversions,
		sum(r.net_revenue) AS net_revenue,
		CASE WHEN count(*) = count(r.cost) THEN sum(r.cost) END AS cost,
		sum(r.net_revenue * (coalesce(s.margin_micros, 1000000)
			* 0.000001)) AS margin_revenue
	FROM campaign_roi_daily r
	LEFT JOIN site s ON s.site = r.site
	WHERE r.day BETWEEN $1::date - ($2::date - $1::date + 1) AND $2
		AND r.date_basis = 'conversion' AND r.model = $3
		AND ($4::text IS NULL OR r.site = $4)
	GROUP BY 1
), measure AS (
	SELECT t.now, m.place, m.measure, m.value
	FROM term t
	CROSS JOIN LATERAL (VALUES
		(1, 'Spend', t.cost),
		(2, 'Net revenue', t.net_revenue),
		(3, 'ROAS', t.net_revenue / nullif(t.cost, 0)),
		(4, 'ROI', (t.margin_revenue - t.cost) / nullif(t.cost, 0)),
		(5, 'CPA', t.cost / nullif(t.conversions, 0)),
		(6, 'Conversions', t.conversions)
	) m (place, measure, value)
)
SELECT name.measure, round(n.value, 6) AS value, round(b.value, 6) AS before,
	round(n.value - b.value, 6) AS difference,
	CASE WHEN b.value > 0
		THEN round(100 * (n.value - b.value) / b.value, 6) END AS change
FROM (VALUES (1, 'Spend'), (2, 'Net revenue'), (3, 'ROAS'), (4, 'ROI'),
	(5, 'CPA'), (6, 'Conversions')) name (place, measure)
LEFT JOIN measure n ON n.place = name.place AND n.now
LEFT JOIN measure b ON b.place = name.place AND NOT b.now
ORDER BY name.place
