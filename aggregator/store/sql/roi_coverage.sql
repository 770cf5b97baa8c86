-- the return on each campaign beside the one corrected for missing orders
-- $1 from, $2 to, $3 basis, $4 model or NULL, $5 site or NULL. Coverage is
-- that of the days asked for: ratio of their sums.
WITH measured AS (
	SELECT site, round(sum(tracked_revenue)
		/ nullif(sum(shop_revenue), 0), 6) AS coverage
	FROM order_coverage
	WHERE day BETWEEN $1 AND $2
	GROUP BY site
), sums AS (
	SELECT site, model, channel, source, medium, campaign, min(currency)
		AS currency, sum(gross_revenue) AS gross_revenue,
		sum(order_revenue) AS order_revenue,
		sum(net_revenue) AS net_revenue,
		CASE WHEN count(*) = count(cost) THEN sum(cost) END AS cost
	FROM campaign_roi_daily
	WHERE day BETWEEN $1 AND $2 AND date_basis = $3
		AND ($4::text IS NULL OR model = $4)
		AND ($5::text IS NULL OR site = $5)
	GROUP BY site, model, channel, source, medium, campaign
)
SELECT s.site, s.model, s.source, s.medium, s.campaign, s.cost,
	s.net_revenue, round(s.net_revenue / nullif(s.cost, 0), 6) AS roas_raw,
	c.coverage, round(s.net_revenue * f.factor, 6)
		AS corrected_net_revenue,
	round(s.net_revenue * f.factor / nullif(s.cost, 0), 6)
		AS roas_corrected,
	s.currency
FROM sums s
JOIN model m USING (model)
LEFT JOIN measured c USING (site)
CROSS JOIN LATERAL (
	SELECT 1 + coalesce(s.order_revenue / nullif(s.gross_revenue, 0), 0)
		* (1 / nullif(c.coverage, 0) - 1) AS factor
) f
ORDER BY s.site, m.model_id, s.net_revenue DESC, s.cost DESC NULLS LAST,
	s.source, s.medium, s.campaign
