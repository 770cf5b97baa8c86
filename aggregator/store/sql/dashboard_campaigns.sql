-- Campaigns of a time, those with the most revenue or spend first.
-- $1 from, $2 to, $3 site, $4 model, $5 basis (0 or 1), $6 rows at most
WITH fact AS (
	SELECT campaign_key, coalesce(visits, 0) AS visits, clicks, impressions,
		coalesce(conversions, 0)::numeric / 1000000 AS conversions,
		coalesce(orders, 0)::numeric / 1000000 AS orders,
		coalesce(new_customers, 0)::numeric / 1000000 AS new_customers,
		coalesce(value, 0)::numeric / 1000000 AS gross_revenue,
		coalesce(refund, 0)::numeric / 1000000 AS refunds,
		coalesce(cost, 0)::numeric / 1000000 AS cost,
		coalesce(waiting, 0) AS waiting
	FROM (
		SELECT campaign_key, sum(conversions_micros) AS conversions,
			sum(orders_micros) AS orders,
			sum(new_customers_micros) AS new_customers,
			sum(value_micros) AS value, sum(refund_micros) AS refund
		FROM (
			SELECT campaign_key,
				sum(conversions_micros) AS conversions_micros,
				sum(orders_micros) AS orders_micros,
				sum(new_customers_micros) AS new_customers_micros,
				sum(value_micros) AS value_micros,
				sum(refund_micros) AS refund_micros
			FROM campaign_own_cells
			WHERE day BETWEEN $1 AND $2
				AND basis = $5 AND model_id = (SELECT model_id
					FROM attribution_models WHERE model = $4)
			GROUP BY campaign_key
			UNION ALL
			SELECT campaign_key, conversions_micros, orders_micros,
				new_customers_micros, value_micros, refund_micros
			FROM campaign_cell_moves
			WHERE day BETWEEN $1 AND $2
				AND basis = $5 AND model_id = (SELECT model_id
					FROM attribution_models WHERE model = $4)
		) cells
		GROUP BY campaign_key
	) c FULL JOIN (
		SELECT campaign_key, sum(visits)::bigint AS visits
		FROM campaign_traffic
		WHERE day BETWEEN $1 AND $2
		GROUP BY campaign_key
	) t USING (campaign_key) FULL JOIN (
		SELECT campaign_key, sum(cost_micros) AS cost,
			sum(clicks)::bigint AS clicks,
			sum(impressions)::bigint AS impressions,
			count(*) - count(cost_micros) AS waiting
		FROM campaign_costs
		WHERE day BETWEEN $1 AND $2
		GROUP BY campaign_key
	) k USING (campaign_key)
)
SELECT c.channel, c.source, c.medium, c.campaign, f.visits, f.impressions,
	f.clicks, round(f.conversions, 6) AS conversions,
	round(f.orders, 6) AS orders, round(f.new_customers, 6) AS new_customers,
	round(f.gross_revenue, 6) AS gross_revenue,
	round(f.refunds, 6) AS refunds,
	round(f.gross_revenue - f.refunds, 6) AS net_revenue,
	CASE WHEN f.waiting = 0 THEN round(f.cost, 6) END AS cost,
	CASE WHEN f.waiting = 0 THEN round((f.gross_revenue - f.refunds)
		/ nullif(f.cost, 0), 6) END AS roas,
	CASE WHEN f.waiting = 0 THEN round(((f.gross_revenue - f.refunds)
		* s.margin - f.cost) / nullif(f.cost, 0), 6) END AS roi,
	CASE WHEN f.waiting = 0 THEN round(f.cost
		/ nullif(f.conversions, 0), 6) END AS cpa,
	s.margin, count(*) OVER () AS all_rows
FROM fact f
JOIN campaigns c USING (campaign_key)
JOIN sites s ON s.site = c.site
WHERE c.site = $3 AND (f.visits <> 0 OR f.conversions <> 0
	OR f.gross_revenue <> 0
	OR f.refunds <> 0 OR f.cost <> 0 OR f.waiting <> 0 OR f.clicks <> 0
	OR f.impressions <> 0)
ORDER BY greatest(abs(f.gross_revenue - f.refunds), f.cost) DESC,
	f.visits DESC, c.channel, c.source, c.medium, c.campaign
LIMIT $6
