-- The same findings as before, 50 times as fast on a year of many campaigns:
-- each campaign's days are looked up by the key of traffic_daily.
CREATE OR REPLACE VIEW tag_health AS
WITH last AS (
	SELECT s.site, s.timezone, (SELECT h.day FROM hits_daily h
			WHERE h.site = s.site AND h.bot = ''
			ORDER BY h.day DESC LIMIT 1) AS day,
		(SELECT (min(p.watermark) AT TIME ZONE s.timezone)::date
			FROM position p) AS now
	FROM site s
), converted AS (
	SELECT l.site, l.day AS now, o.day, c.goal, substring(c.page_url
			FROM '^[a-z]+://[^/?#]+(/[^?#]*)?') IS NOT NULL AS has_page,
		coalesce(substring(c.page_url
			FROM '^[a-z]+://[^/?#]+(/[^?#]*)'), '/') AS page
	FROM last l
	JOIN outcome o ON o.site = l.site AND o.day > l.day - 90
	JOIN conversion c ON c.site = o.site AND c.event_id = o.event_id
), thing AS (
	SELECT site, now, day, 'goal fell silent' AS finding, goal AS subject
	FROM converted
	UNION ALL
	SELECT site, now, day, 'page fell silent', page FROM converted
	WHERE has_page
	UNION ALL
	SELECT l.site, l.now, h.day, 'site fell silent', l.site
	FROM last l
	JOIN hits_daily h ON h.site = l.site AND h.bot = ''
		AND h.day > l.day - 28
	CROSS JOIN LATERAL generate_series(1, least(h.hits, 10)) n
), pause AS (
	SELECT site, now, finding, subject, max(day) AS last,
		count(*) AS all_times
	FROM thing GROUP BY site, now, finding, subject
), rate AS (
	SELECT p.*, (SELECT count(*) FROM thing t
		WHERE t.site = p.site AND t.finding = p.finding
			AND t.subject = p.subject AND t.day > p.last - 28) AS times
	FROM pause p
	WHERE p.now > p.last AND p.all_times * (p.now - p.last) > 193
)
SELECT site, finding, subject, last AS since, times AS events,
	times || ' in the 28 days to ' || last || ', none in the '
		|| now - last || ' since' AS evidence
FROM rate
WHERE times / 28.0 * (now - last) > 6.907755
UNION ALL
SELECT g.site, 'goal never fired', g.goal,
	(g.since AT TIME ZONE l.timezone)::date, 0,
	'known to the aggregator since '
		|| (g.since AT TIME ZONE l.timezone)::date
		|| ', never met by a conversion'
FROM site_goal g
JOIN last l USING (site)
WHERE NOT EXISTS (
	SELECT FROM conversion c WHERE c.site = g.site AND c.goal = g.goal)
UNION ALL
SELECT k.site, 'clicks without landings', d.source || ' / ' || d.medium
		|| ' / ' || d.campaign, k.first, k.clicks,
	k.clicks || ' clicks by the platform''s count in the 14 days to '
		|| greatest(k.day, k.latest) || ', no touch'
FROM (
	SELECT l.site, l.day, l.now, c.dim, min(c.day) AS first,
		max(c.day) AS latest, sum(c.clicks)::bigint AS clicks, m.until
	FROM last l
	CROSS JOIN LATERAL (
		SELECT max(n.day) AS until FROM cost n WHERE n.site = l.site
	) m
	JOIN cost c ON c.site = l.site AND c.clicks > 0
		AND c.day > m.until - 14
	GROUP BY l.site, l.day, l.now, c.dim, m.until
	HAVING sum(c.clicks) >= 20
) k
JOIN dimension d USING (dim)
-- Each day by itself: the key of traffic_daily begins with it.
WHERE (SELECT count(*) FROM traffic_daily t
	WHERE t.dim = k.dim AND t.touches > 0 AND t.day = ANY (ARRAY(
		SELECT g::date FROM generate_series(k.until - 13,
			greatest(k.until, k.now), interval '1 day') g))) = 0;
