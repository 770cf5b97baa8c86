-- campaign ids that hits came with; sorted, so that two writers do not wait
-- for each other in a circle. Counts those that are new.
-- $1 sites, $2 campaign ids, $3 dims
INSERT INTO campaign_hit (site, campaign_id, dim)
SELECT DISTINCT n.site, n.campaign_id, n.dim
FROM unnest($1::text[], $2::text[], $3::integer[]) AS n (site, campaign_id, dim)
WHERE NOT EXISTS (SELECT FROM campaign_hit h WHERE h.site = n.site
	AND h.campaign_id = n.campaign_id AND h.dim = n.dim)
ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING
