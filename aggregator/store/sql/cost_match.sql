-- costs of campaign ids that hits now name find where they count
-- $1 sites, $2 campaign ids
UPDATE cost c
SET dim = p.dim
FROM (
	SELECT site, campaign_id, source, medium, campaign,
		cost_dim(site, campaign_id, source, medium, campaign) AS dim
	FROM (
		SELECT DISTINCT o.site, o.campaign_id, o.source, o.medium,
			o.campaign
		FROM cost o
		JOIN (SELECT DISTINCT site, campaign_id
			FROM unnest($1::text[], $2::text[])
				AS u (site, campaign_id)) n
			USING (site, campaign_id)
		WHERE o.campaign_id <> ''
	) k
) p
WHERE c.site = p.site AND c.campaign_id = p.campaign_id
	AND c.source = p.source AND c.medium = p.medium
	AND c.campaign = p.campaign AND c.dim <> p.dim
