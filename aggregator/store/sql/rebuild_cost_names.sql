-- Campaigns of costs that have another name by the rules of now.
-- $1 sites, $2 sources, $3 media, $4 names, $5 ids, $6 the new campaigns
INSERT INTO cost_name (site, source, medium, name, campaign_id, campaign)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[],
	$5::text[], $6::text[])
