-- A campaign (other) for each channel of a day. $1 day
INSERT INTO dimension (site, source, medium, campaign, channel)
SELECT DISTINCT d.site, '(other)', '(' || lower(d.channel) || ')', '(other)',
	d.channel
FROM (
	SELECT dim FROM traffic_daily WHERE day = $1::date
	UNION SELECT dim FROM campaign_daily WHERE day = $1::date
) t
JOIN dimension d USING (dim)
ORDER BY 1, 3
ON CONFLICT (site, source, medium, campaign) DO NOTHING
