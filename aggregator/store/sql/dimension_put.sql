-- Dimensions that may be new. Sorted, so that two writers do not deadlock.
INSERT INTO dimension (site, source, medium, campaign, channel)
SELECT site, source, medium, campaign, min(channel)
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
	AS n (site, source, medium, campaign, channel)
GROUP BY site, source, medium, campaign
ORDER BY site, source, medium, campaign
ON CONFLICT (site, source, medium, campaign) DO NOTHING
