-- keep the rows that an import is about to change
-- $1 platform, $2 account, $3 site, $4 import
INSERT INTO cost_history
SELECT c.*, $4::bigint
FROM cost c
JOIN cost_stage n USING (day, source, medium, campaign, campaign_id)
WHERE c.platform = $1 AND c.account = $2 AND c.site = $3
	AND (c.amount_micros, c.currency, c.clicks, c.impressions)
	IS DISTINCT FROM
	(n.amount_micros, n.currency, n.clicks, n.impressions)
