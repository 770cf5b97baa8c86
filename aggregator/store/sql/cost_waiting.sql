-- how many rows of the file wait for a currency rate
-- $1 platform, $2 site
SELECT count(*)
FROM cost c
JOIN cost_stage n USING (account, day, source, medium, name, campaign_id)
WHERE c.platform = $1 AND c.site = $2 AND c.cost_micros IS NULL
