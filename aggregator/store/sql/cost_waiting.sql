-- how many rows of the file wait for a currency rate
-- $1 platform, $2 account, $3 site
SELECT count(*)
FROM cost c
JOIN cost_stage n USING (day, source, medium, campaign, campaign_id)
WHERE c.platform = $1 AND c.account = $2 AND c.site = $3
	AND c.cost_micros IS NULL
