-- the newest import wins; a foreign amount needs a rate at most a week old
-- $1 platform, $2 site, $3 import, $4 reporting currency
-- Counts the rows inserted and those updated (a new row has no xmax).
WITH place AS MATERIALIZED (
SELECT campaign_id, source, medium, campaign,
	cost_dim($2, campaign_id, source, medium, campaign) AS dim
FROM (SELECT DISTINCT campaign_id, source, medium, campaign
	FROM cost_stage) s
), rate AS MATERIALIZED (
SELECT s.day, s.currency, f.rate_micros, f.day AS rate_day
FROM (SELECT DISTINCT day, currency FROM cost_stage) s
CROSS JOIN LATERAL (
	SELECT r.rate_micros, r.day FROM fx_rate r
	WHERE r.base = $4 AND r.currency = s.currency
		AND r.day <= s.day AND r.day > s.day - 8
	ORDER BY r.day DESC LIMIT 1
) f
WHERE s.currency <> $4
), merged AS (
INSERT INTO cost AS c (platform, account, site, day, source, medium, campaign,
	campaign_id, dim, amount_micros, currency, cost_micros, rate_micros,
	rate_day, clicks, impressions, import_id, name)
SELECT $1, n.account, $2, n.day, n.source, n.medium, n.campaign, n.campaign_id,
	p.dim, n.amount_micros, n.currency,
	CASE WHEN n.currency = $4 THEN n.amount_micros
		ELSE round(n.amount_micros * 0.000001 * f.rate_micros)::bigint
	END, f.rate_micros, f.rate_day, n.clicks, n.impressions, $3, n.name
FROM cost_stage n
JOIN place p USING (campaign_id, source, medium, campaign)
LEFT JOIN rate f ON f.day = n.day AND f.currency = n.currency
ORDER BY n.account, n.day, n.source, n.medium, n.name, n.campaign_id
ON CONFLICT (platform, account, site, day, source, medium, name,
	campaign_id) DO UPDATE
SET campaign = excluded.campaign, dim = excluded.dim,
	amount_micros = excluded.amount_micros,
	currency = excluded.currency, cost_micros = excluded.cost_micros,
	rate_micros = excluded.rate_micros, rate_day = excluded.rate_day,
	clicks = excluded.clicks, impressions = excluded.impressions,
	import_id = excluded.import_id
WHERE (c.campaign, c.amount_micros, c.currency, c.cost_micros, c.rate_micros,
	c.rate_day, c.clicks, c.impressions)
	IS DISTINCT FROM (excluded.campaign, excluded.amount_micros,
	excluded.currency, excluded.cost_micros, excluded.rate_micros,
	excluded.rate_day, excluded.clicks, excluded.impressions)
RETURNING xmax = 0 AS fresh
)
SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh)
FROM merged
