-- Which campaigns of a day are (other): beyond the first of their site and
-- channel by touches, conversions and name. Those with costs, those that
-- campaigns.yaml names and those without a name stay. $1 day, $2 how many are
-- shown. Counts what changes.
WITH present AS (
	SELECT dim, sum(touches) AS touches, sum(conversions) AS conversions
	FROM (
		SELECT dim, touches, 0 AS conversions
		FROM traffic_daily WHERE day = $1::date
		UNION ALL
		SELECT dim, 0, conversions_micros
		FROM campaign_daily WHERE day = $1::date
	) t
	GROUP BY dim
), named AS (
	SELECT p.*, d.site, d.channel, d.source, d.medium, d.campaign,
		d.campaign LIKE '(%)'
		OR EXISTS (SELECT FROM registered_campaign r
			WHERE r.campaign = d.campaign)
		OR EXISTS (SELECT FROM cost c WHERE c.dim = p.dim) AS kept
	FROM present p JOIN dimension d USING (dim)
), placed AS (
	SELECT n.*, row_number() OVER (PARTITION BY site, channel
		ORDER BY touches DESC, conversions DESC, source, medium,
			campaign) AS place
	FROM named n WHERE NOT kept
), folded AS (
	SELECT p.dim, o.dim AS other_dim
	FROM placed p
	JOIN dimension o ON o.site = p.site AND o.source = '(other)'
		AND o.medium = '(' || lower(p.channel) || ')'
		AND o.campaign = '(other)'
	WHERE p.place > $2::bigint
), shown AS (
	DELETE FROM daily_other
	WHERE day = $1::date AND dim NOT IN (SELECT dim FROM folded)
)
INSERT INTO daily_other (day, dim, other_dim)
SELECT $1::date, dim, other_dim FROM folded ORDER BY dim
ON CONFLICT (day, dim) DO UPDATE SET other_dim = excluded.other_dim
WHERE daily_other.other_dim <> excluded.other_dim
