-- what each model says of each channel, for a report
-- $1 from, $2 to, $3 site or NULL, $4 the model they are held against
-- Every channel has a row for every model that has any.
WITH sums AS (
	SELECT channel, model, sum(conversions) AS conversions,
		sum(net_revenue) AS net_revenue,
		CASE WHEN count(*) = count(cost) THEN sum(cost) END AS cost
	FROM campaign_roi_daily
	WHERE day BETWEEN $1 AND $2 AND date_basis = 'conversion'
		AND ($3::text IS NULL OR site = $3)
	GROUP BY channel, model
), frame AS (
	SELECT c.channel, m.model, m.model_id, c.weight
	FROM (SELECT channel, max(net_revenue) AS weight FROM sums
		GROUP BY channel) c
	CROSS JOIN model m
	WHERE m.model IN (SELECT model FROM sums)
)
SELECT f.channel, f.model,
	coalesce(s.conversions, 0)::numeric(38,6) AS conversions,
	coalesce(s.net_revenue, 0)::numeric(38,6) AS net_revenue, s.cost,
	round(s.net_revenue / nullif(s.cost, 0), 6) AS roas,
	(coalesce(s.net_revenue, 0) - coalesce(o.net_revenue, 0))::numeric(38,6)
		AS net_revenue_over
FROM frame f
LEFT JOIN sums s USING (channel, model)
LEFT JOIN sums o ON o.channel = f.channel AND o.model = $4
ORDER BY f.weight DESC, f.channel, f.model_id
