-- Net revenue and conversions of each channel, and of the campaigns with the
-- most, by each model. $1 from, $2 to, $3 site, $4 basis (0 or 1), $5 campaigns
-- at most
WITH fact AS (
	SELECT campaign_key, model_id,
		sum(conversions_micros)::numeric / 1000000 AS conversions,
		(sum(value_micros) - sum(refund_micros))::numeric / 1000000
			AS net_revenue,
		NULL::numeric AS cost, NULL::bigint AS waiting
	FROM (
		SELECT campaign_key, model_id,
			sum(conversions_micros) AS conversions_micros,
			sum(value_micros) AS value_micros,
			sum(refund_micros) AS refund_micros
		FROM campaign_own_cells
		WHERE day BETWEEN $1 AND $2 AND basis = $4
		GROUP BY campaign_key, model_id
		UNION ALL
		SELECT campaign_key, model_id, conversions_micros, value_micros,
			refund_micros
		FROM campaign_cell_moves
		WHERE day BETWEEN $1 AND $2 AND basis = $4
	) cells
	GROUP BY campaign_key, model_id
	UNION ALL
	SELECT campaign_key, NULL, NULL, NULL,
		coalesce(sum(cost_micros), 0)::numeric / 1000000,
		count(*) - count(cost_micros)
	FROM campaign_costs
	WHERE day BETWEEN $1 AND $2
	GROUP BY campaign_key
), named AS (
	SELECT c.channel, c.source, c.medium, c.campaign, f.*
	FROM fact f JOIN campaigns c USING (campaign_key)
	WHERE c.site = $3
), rolled AS (
	SELECT channel, NULL::text AS source, NULL::text AS medium,
		NULL::text AS campaign, model_id, sum(conversions) AS conversions,
		sum(net_revenue) AS net_revenue, sum(cost) AS cost,
		sum(waiting) AS waiting
	FROM named GROUP BY channel, model_id
	UNION ALL
	SELECT channel, source, medium, campaign, model_id, conversions,
		net_revenue, cost, waiting
	FROM named
), entry AS (
	SELECT channel, source, medium, campaign,
		CASE WHEN coalesce(sum(waiting), 0) = 0
			THEN round(coalesce(sum(cost), 0), 2) END AS cost,
		jsonb_object_agg(m.model, jsonb_build_array(
			round(r.net_revenue, 2), round(r.conversions, 4)))
			FILTER (WHERE m.model IS NOT NULL) AS models,
		coalesce(max(abs(net_revenue)), 0) AS weight
	FROM rolled r
	LEFT JOIN attribution_models m USING (model_id)
	GROUP BY channel, source, medium, campaign
	HAVING max(abs(net_revenue)) <> 0 OR sum(cost) <> 0
		OR sum(waiting) <> 0
), ranked AS (
	SELECT *, row_number() OVER (PARTITION BY source IS NULL
		ORDER BY weight DESC, channel, source, medium, campaign) AS place
	FROM entry
)
SELECT jsonb_build_object('rows', coalesce(jsonb_agg(jsonb_build_array(
	channel, source, medium, campaign, cost, models) ORDER BY place)
	FILTER (WHERE source IS NULL OR place <= $5), '[]'),
	'left_out', count(*) FILTER (WHERE source IS NOT NULL AND place > $5)
	)::text AS json
FROM ranked
