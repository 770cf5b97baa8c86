-- The head numbers of a time and of as many days before it, and each day.
-- $1 from, $2 to, $3 site, $4 model, $5 basis (0 or 1)
-- Sums first, then ratios of the sums; a cost that waits for a rate makes the
-- sum, and so its ratios, unknown. What is (other) is of the same site.
WITH fact AS (
	SELECT day, coalesce(visits, 0) AS visits,
		coalesce(conversions, 0)::numeric / 1000000 AS conversions,
		coalesce(orders, 0)::numeric / 1000000 AS orders,
		coalesce(net_revenue, 0)::numeric / 1000000 AS net_revenue,
		coalesce(cost, 0)::numeric / 1000000 AS cost,
		coalesce(waiting, 0) AS waiting
	FROM (
		SELECT day, sum(conversions_micros) AS conversions,
			sum(orders_micros) AS orders,
			sum(value_micros) - sum(refund_micros) AS net_revenue
		FROM campaign_own_cells
		WHERE day BETWEEN $1::date - ($2::date - $1::date + 1) AND $2
			AND campaign_key IN (
				SELECT campaign_key FROM campaigns WHERE site = $3)
			AND basis = $5 AND model_id = (SELECT model_id
				FROM attribution_models WHERE model = $4)
		GROUP BY day
	) c FULL JOIN (
		SELECT day, sum(visits)::bigint AS visits
		FROM campaign_own_traffic
		WHERE day BETWEEN $1::date - ($2::date - $1::date + 1) AND $2
			AND campaign_key IN (
				SELECT campaign_key FROM campaigns WHERE site = $3)
		GROUP BY day
	) t USING (day) FULL JOIN (
		SELECT day, sum(cost_micros) AS cost,
			count(*) - count(cost_micros) AS waiting
		FROM campaign_costs
		WHERE day BETWEEN $1::date - ($2::date - $1::date + 1) AND $2
			AND campaign_key IN (
				SELECT campaign_key FROM campaigns WHERE site = $3)
		GROUP BY day
	) k USING (day)
), term AS (
	SELECT day >= $1 AS now, sum(visits) AS visits,
		sum(conversions) AS conversions, sum(orders) AS orders,
		sum(net_revenue) AS net_revenue,
		CASE WHEN sum(waiting) = 0 THEN sum(cost) END AS cost
	FROM fact GROUP BY 1
), told AS (
	SELECT now, jsonb_build_object('visits', visits,
		'conversions', conversions, 'orders', orders,
		'net_revenue', round(net_revenue, 6), 'cost', round(cost, 6),
		'roas', round(net_revenue / nullif(cost, 0), 6),
		'roi', round((net_revenue * (SELECT margin FROM sites
			WHERE site = $3) - cost) / nullif(cost, 0), 6),
		'cpa', round(cost / nullif(conversions, 0), 6)) AS numbers
	FROM term
)
SELECT jsonb_build_object(
	'from', $1::date, 'to', $2::date,
	'before_from', $1::date - ($2::date - $1::date + 1),
	'before_to', $1::date - 1,
	'currency', (SELECT currency FROM sites WHERE site = $3),
	'now', (SELECT numbers FROM told WHERE now),
	'before', (SELECT numbers FROM told WHERE NOT now),
	'days', (SELECT jsonb_agg(jsonb_build_array(d.day,
		CASE WHEN f.read_until IS NULL OR f.read_until < d.ends
			+ interval '1 hour' THEN 'open'
		WHEN f.read_until < d.ends + interval '840 hours'
			THEN 'provisional'
		ELSE 'final' END,
		coalesce(n.visits, 0), coalesce(n.conversions, 0),
		round(coalesce(n.net_revenue, 0), 2),
		CASE WHEN coalesce(n.waiting, 0) = 0
			THEN round(coalesce(n.cost, 0), 2) END,
		round(coalesce(b.net_revenue, 0), 2),
		CASE WHEN coalesce(b.waiting, 0) = 0
			THEN round(coalesce(b.cost, 0), 2) END,
		coalesce(b.conversions, 0), coalesce(b.visits, 0))
		ORDER BY d.day)
		FROM (SELECT $1::date + n AS day, (($1::date + n + 1)::timestamp
			AT TIME ZONE coalesce((SELECT timezone FROM sites
				WHERE site = $3), 'UTC')) AS ends
			FROM generate_series(0, $2::date - $1::date) n) d
		CROSS JOIN freshness f
		LEFT JOIN fact n ON n.day = d.day
		LEFT JOIN fact b ON b.day = d.day - ($2::date - $1::date + 1))
	)::text AS json
