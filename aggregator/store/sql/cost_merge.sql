-- the newest import wins; a foreign amount needs a rate at most a week old
-- $1 platform, $2 account, $3 site, $4 import, $5 reporting currency
-- Counts the rows inserted and those updated (a new row has no xmax).
WITH merged AS (
INSERT INTO cost AS c (platform, account, site, day, source, medium, campaign,
	campaign_id, dim, amount_micros, currency, cost_micros, rate_micros,
	rate_day, clicks, impressions, import_id)
SELECT $1, $2, $3, n.day, n.source, n.medium, n.campaign, n.campaign_id, d.dim,
	n.amount_micros, n.currency,
	CASE WHEN n.currency = $5 THEN n.amount_micros
		ELSE round(n.amount_micros * 0.000001 * f.rate_micros)::bigint
	END, f.rate_micros, f.day, n.clicks, n.impressions, $4
FROM cost_stage n
JOIN dimension d ON d.site = $3 AND d.source = n.source
	AND d.medium = n.medium AND d.campaign = n.campaign
LEFT JOIN LATERAL (
	SELECT r.rate_micros, r.day FROM fx_rate r
	WHERE r.base = $5 AND r.currency = n.currency
		AND r.day <= n.day AND r.day > n.day - 8
	ORDER BY r.day DESC LIMIT 1
) f ON n.currency <> $5
ORDER BY n.day, n.source, n.medium, n.campaign, n.campaign_id
ON CONFLICT (platform, account, site, day, source, medium, campaign,
	campaign_id) DO UPDATE
SET dim = excluded.dim, amount_micros = excluded.amount_micros,
	currency = excluded.currency, cost_micros = excluded.cost_micros,
	rate_micros = excluded.rate_micros, rate_day = excluded.rate_day,
	clicks = excluded.clicks, impressions = excluded.impressions,
	import_id = excluded.import_id
WHERE (c.amount_micros, c.currency, c.cost_micros, c.rate_micros, c.rate_day,
	c.clicks, c.impressions)
	IS DISTINCT FROM (excluded.amount_micros, excluded.currency,
	excluded.cost_micros, excluded.rate_micros, excluded.rate_day,
	excluded.clicks, excluded.impressions)
RETURNING xmax = 0 AS fresh
)
SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh)
FROM merged
