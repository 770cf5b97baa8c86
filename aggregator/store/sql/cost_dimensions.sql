-- campaigns that may be new; sorted, so that two writers do not deadlock
-- $1 site
INSERT INTO dimension (site, source, medium, campaign, channel)
SELECT $1, source, medium, campaign, min(channel)
FROM cost_stage
GROUP BY source, medium, campaign
ORDER BY source, medium, campaign
ON CONFLICT (site, source, medium, campaign) DO NOTHING
