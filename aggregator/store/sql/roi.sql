-- add up campaign_roi_daily for a report
-- $1 from, $2 to, $3 basis, $4 model or NULL, $5 site or NULL, $6 by what.
-- Sums first, then ratios of the sums; the last rows, one a model, are the
-- totals. Costs that wait for a rate make a sum, and so its ratios, unknown.
SELECT model,
	CASE WHEN $6 = 'day' THEN grp_day END AS day,
	channel, source, medium, campaign,
	total, visits, touches, conversions, orders, new_customers,
	gross_revenue, refunds, net_revenue, impressions, clicks, cost,
	round(net_revenue / nullif(cost, 0), 6) AS roas,
	round((margin_revenue - cost) / nullif(cost, 0), 6) AS roi,
	round(cost / nullif(conversions, 0), 6) AS cpa,
	round(cost / nullif(new_customers, 0), 6) AS cac,
	round(conversions / nullif(visits, 0), 6) AS cvr,
	round(order_revenue / nullif(orders, 0), 6) AS aov,
	currency, currencies, waiting
FROM (
	SELECT r.model, grp_day, grp_channel AS channel, grp_source AS source,
		grp_medium AS medium, grp_campaign AS campaign,
		grouping(grp_channel) = 1 AS total,
		sum(visits)::bigint AS visits, sum(touches)::bigint AS touches,
		sum(conversions) AS conversions, sum(orders) AS orders,
		sum(new_customers) AS new_customers,
		sum(gross_revenue) AS gross_revenue, sum(refunds) AS refunds,
		sum(net_revenue) AS net_revenue,
		sum(order_revenue) AS order_revenue,
		sum(impressions)::bigint AS impressions,
		sum(clicks)::bigint AS clicks,
		CASE WHEN count(*) = count(cost) THEN sum(cost) END AS cost,
		sum(net_revenue * (coalesce(s.margin_micros, 1000000)
			* 0.000001)) AS margin_revenue,
		min(r.currency) AS currency,
		count(DISTINCT r.currency) AS currencies,
		count(*) - count(cost) AS waiting
	FROM campaign_roi_daily r
	LEFT JOIN site s ON s.site = r.site
	CROSS JOIN LATERAL (
		SELECT CASE WHEN $6 = 'day' THEN r.day END AS grp_day,
			CASE WHEN $6 <> 'day' THEN r.channel END AS grp_channel,
			CASE WHEN $6 IN ('source', 'campaign')
				THEN r.source END AS grp_source,
			CASE WHEN $6 IN ('source', 'campaign')
				THEN r.medium END AS grp_medium,
			CASE WHEN $6 = 'campaign'
				THEN r.campaign END AS grp_campaign
	) g
	WHERE r.day BETWEEN $1 AND $2 AND r.date_basis = $3
		AND ($4::text IS NULL OR r.model = $4)
		AND ($5::text IS NULL OR r.site = $5)
	GROUP BY GROUPING SETS (
		(r.model, grp_day, grp_channel, grp_source, grp_medium,
			grp_campaign),
		(r.model))
) sums
JOIN model m USING (model)
ORDER BY total, m.model_id, grp_day, net_revenue DESC, cost DESC NULLS LAST,
	channel, source, medium, campaign
