-- channels, their sources and their campaigns for a report
-- $1 from, $2 to, $3 model, $4 site or NULL, $5 how many rows of a level at
-- most or NULL; left_out: how many rows that keeps back.
-- Level 0 is the total, 1 a channel, 2 a source, 3 a campaign.
WITH sums AS (
	SELECT grouping(r.channel, r.source, r.campaign) AS open,
		r.channel, r.source, r.medium, r.campaign,
		sum(r.visits)::bigint AS visits,
		sum(r.conversions) AS conversions,
		sum(r.net_revenue) AS net_revenue,
		CASE WHEN count(*) = count(r.cost) THEN sum(r.cost) END AS cost,
		sum(r.net_revenue * (coalesce(s.margin_micros, 1000000)
			* 0.000001)) AS margin_revenue
	FROM campaign_roi_daily r
	LEFT JOIN site s ON s.site = r.site
	WHERE r.day BETWEEN $1 AND $2
		AND r.date_basis = 'conversion' AND r.model = $3
		AND ($4::text IS NULL OR r.site = $4)
	GROUP BY GROUPING SETS ((), (r.channel), (r.channel, r.source),
		(r.channel, r.source, r.medium, r.campaign))
	HAVING count(*) > 0
), levels AS (
	SELECT *, CASE open WHEN 7 THEN 0 WHEN 3 THEN 1 WHEN 1 THEN 2 ELSE 3
		END AS level,
		greatest(abs(net_revenue), coalesce(cost, 0)) AS weight
	FROM sums
), ranked AS (
	SELECT *, row_number() OVER (PARTITION BY level
		ORDER BY weight DESC, visits DESC, channel, source, medium,
			campaign) AS rank,
		max(weight) FILTER (WHERE level = 1)
			OVER (PARTITION BY channel) AS channel_weight,
		max(weight) FILTER (WHERE level = 2)
			OVER (PARTITION BY channel, source) AS source_weight
	FROM levels
), placed AS (
	SELECT *, max(rank) FILTER (WHERE level = 2)
		OVER (PARTITION BY channel, source) AS source_rank
	FROM ranked
), kept AS (
	SELECT *, $5::bigint IS NULL OR level < 2
		OR (rank <= $5::bigint AND source_rank <= $5::bigint) AS keep
	FROM placed
), told AS (
	SELECT *, count(*) FILTER (WHERE NOT keep) OVER () AS left_out
	FROM kept
)
SELECT level, channel, source, medium, campaign, visits,
	conversions, net_revenue, cost,
	round(net_revenue / nullif(cost, 0), 6) AS roas,
	round((margin_revenue - cost) / nullif(cost, 0), 6) AS roi,
	round(cost / nullif(conversions, 0), 6) AS cpa,
	left_out
FROM told
WHERE keep
ORDER BY level = 0, channel_weight DESC, channel, source IS NOT NULL,
	source_weight DESC, source, level, weight DESC, visits DESC, medium,
	campaign
