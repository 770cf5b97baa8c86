-- keep the rows that an import is about to change
-- $1 platform, $2 site, $3 import
INSERT INTO cost_history
SELECT c.*, $3::bigint
FROM cost c
JOIN cost_stage n USING (account, day, source, medium, name, campaign_id)
WHERE c.platform = $1 AND c.site = $2
	AND (c.campaign, c.amount_micros, c.currency, c.clicks, c.impressions)
	IS DISTINCT FROM (n.campaign, n.amount_micros, n.currency, n.clicks,
	n.impressions)
