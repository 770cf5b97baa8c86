-- What was read becomes tables: of each thing the row that the aggregator
-- would have kept. Sorted, so that the indexes after are cheap.
SET LOCAL work_mem = '256MB';
SET LOCAL maintenance_work_mem = '512MB';
-- Orders that are under their hash by now.
UPDATE in_conversion c
SET order_id = k.dedup_key, dedup_key = CASE WHEN c.dedup_key = c.order_id
	THEN k.dedup_key ELSE c.dedup_key END
FROM afterclick.order_key k
WHERE k.site = c.site AND k.dedup_key = order_hash(c.site, c.order_id)
	AND c.order_id <> k.dedup_key AND EXISTS (
		SELECT FROM retention_run WHERE what = 'order_ids' AND removed > 0);
UPDATE in_refund r SET order_id = k.dedup_key
FROM afterclick.order_key k
WHERE k.site = r.site AND k.dedup_key = order_hash(r.site, r.order_id)
	AND r.order_id <> k.dedup_key AND EXISTS (
		SELECT FROM retention_run WHERE what = 'order_ids' AND removed > 0);
INSERT INTO touch (visitor, session, signature, ts, event_id, session_start,
	dim, tagged, term, content, click_id, campaign_id, partition, place)
SELECT visitor, session, signature, ts, event_id, session_start, dim, tagged,
	term, content, click_id, campaign_id, partition, row_number() OVER (
		PARTITION BY visitor, session ORDER BY signature) - 1
FROM (
	SELECT DISTINCT ON (visitor, session, signature) * FROM in_touch
	ORDER BY visitor, session, signature, ts, event_id
) t
ORDER BY visitor, session;
INSERT INTO conversion
SELECT DISTINCT ON (c.site, c.event_id) c.* FROM in_conversion c
LEFT JOIN afterclick.erased_customer e ON e.customer = c.visitor
ORDER BY c.site, c.event_id, e.customer IS NULL, c.ts;
INSERT INTO refund
SELECT DISTINCT ON (site, refund_id) * FROM in_refund
ORDER BY site, refund_id, ts, event_id;
INSERT INTO identity
SELECT DISTINCT ON (visitor) * FROM in_identity
ORDER BY visitor, ts DESC, event_id DESC;
INSERT INTO order_key (site, dedup_key, events)
SELECT site, dedup_key, count(*)
FROM (
	SELECT site, dedup_key FROM in_conversion WHERE dedup_key IS NOT NULL
	UNION ALL SELECT site, order_id FROM in_refund
	UNION ALL SELECT site, order_id FROM shop_order
		WHERE order_is_hash(order_id)
) k
GROUP BY site, dedup_key;
-- Of a click id the earliest touch says whose it is, else the latest hit.
INSERT INTO handle (handle, wanted, visitor, visitor_ts, visitor_event_id,
	user_key, user_ts, user_event_id)
WITH kind AS MATERIALIZED (
	SELECT handle, bool_or(click) AS click FROM in_handle GROUP BY handle
), visitor AS (
	(SELECT DISTINCT ON (handle) handle, i.visitor, i.visitor_ts,
		i.visitor_event_id
	FROM in_handle i JOIN kind k USING (handle)
	WHERE i.visitor IS NOT NULL AND k.click
	ORDER BY handle, visitor_ts, visitor_event_id)
	UNION ALL
	(SELECT DISTINCT ON (handle) handle, i.visitor, i.visitor_ts,
		i.visitor_event_id
	FROM in_handle i JOIN kind k USING (handle)
	WHERE i.visitor IS NOT NULL AND NOT k.click
	ORDER BY handle, visitor_ts DESC, visitor_event_id DESC)
), "user" AS (
	SELECT DISTINCT ON (handle) handle, user_key, user_ts, user_event_id
	FROM in_handle WHERE user_key IS NOT NULL
	ORDER BY handle, user_ts DESC, user_event_id DESC
), wanted AS (
	SELECT click_key AS handle FROM conversion WHERE click_key IS NOT NULL
	UNION SELECT email_key FROM conversion WHERE email_key IS NOT NULL
	UNION SELECT phone_key FROM conversion WHERE phone_key IS NOT NULL
)
SELECT k.handle, w.handle IS NOT NULL, v.visitor, v.visitor_ts,
	v.visitor_event_id, u.user_key, u.user_ts, u.user_event_id
FROM kind k
LEFT JOIN visitor v USING (handle)
LEFT JOIN "user" u USING (handle)
LEFT JOIN wanted w USING (handle)
WHERE v.handle IS NOT NULL OR u.handle IS NOT NULL OR w.handle IS NOT NULL
ORDER BY k.handle;
INSERT INTO hits_daily (day, site, type, lane, bot, hits)
SELECT day, site, type, lane, bot, sum(hits)
FROM in_hits GROUP BY day, site, type, lane, bot
ORDER BY day, site, type, lane, bot;
INSERT INTO quality_daily (site, day,
	duplicates, late_minutes, late_hours, late_days, late_older,
	clock_corrected, clock_mistrusted, clock_ahead, cookieless_daily,
	cookieless_none, ad_storage_granted, ad_storage_denied,
	analytics_storage_granted, analytics_storage_denied, ad_user_data_granted,
	ad_user_data_denied, ad_personalization_granted, ad_personalization_denied,
	last_received_at)
SELECT site, day,
	sum(duplicates), sum(late_minutes), sum(late_hours), sum(late_days),
	sum(late_older), sum(clock_corrected), sum(clock_mistrusted),
	sum(clock_ahead), sum(cookieless_daily), sum(cookieless_none),
	sum(ad_storage_granted), sum(ad_storage_denied),
	sum(analytics_storage_granted), sum(analytics_storage_denied),
	sum(ad_user_data_granted), sum(ad_user_data_denied),
	sum(ad_personalization_granted), sum(ad_personalization_denied),
	max(last_received_at)
FROM in_quality GROUP BY site, day
ORDER BY site, day;
INSERT INTO refusal_daily (site, day, reason, hits)
SELECT site, day, reason, sum(hits)
FROM in_refusal GROUP BY site, day, reason
ORDER BY site, day, reason;
INSERT INTO bot_landing_daily (day, dim, bot, pages, redirects)
SELECT day, dim, bot, sum(pages), sum(redirects)
FROM in_bot_landing GROUP BY day, dim, bot
ORDER BY day, dim, bot;
SELECT add_indexes(name) FROM part
WHERE name NOT IN ('credit', 'campaign_hit', 'traffic_daily');
INSERT INTO campaign_hit (site, campaign_id, dim)
SELECT DISTINCT d.site, t.campaign_id, t.dim
FROM touch t JOIN dimension d USING (dim)
WHERE t.campaign_id IS NOT NULL
EXCEPT SELECT site, campaign_id, dim FROM campaign_hit;
-- A hit without origin is a touch where nothing of its visit is earlier.
INSERT INTO traffic_daily (day, dim, visits, touches)
WITH placed AS (
	SELECT t.ts, t.session_start, t.signature, t.dim,
		coalesce(s.timezone, 'UTC') AS zone,
		row_number() OVER (PARTITION BY t.visitor, t.session
			ORDER BY t.ts, t.event_id) AS place
	FROM touch t
	JOIN dimension d USING (dim)
	LEFT JOIN site s ON s.site = d.site
)
SELECT day, dim, sum(visits), sum(touches)
FROM (
	SELECT (ts AT TIME ZONE zone)::date AS day, dim, 0 AS visits,
		1 AS touches
	FROM placed WHERE signature <> 0 OR place = 1
	UNION ALL
	SELECT (session_start AT TIME ZONE zone)::date, dim, 1, 0
	FROM placed WHERE place = 1 AND session_start IS NOT NULL
	UNION ALL
	SELECT day, dim, visits, touches FROM afterclick.erased_traffic
) t
WHERE day >= coalesce((SELECT from_day FROM plan), '-infinity')
GROUP BY day, dim
ORDER BY day, dim;
SELECT add_indexes('campaign_hit'), add_indexes('traffic_daily');
SELECT add_indexes('credit') FROM plan WHERE from_day IS NOT NULL;
-- The session's names: those of the rebuild stand before the live ones.
DO $$
BEGIN
	EXECUTE 'CREATE VIEW afterclick_rebuild.conversion_candidate AS '
		|| replace(pg_get_viewdef(
			'afterclick.conversion_candidate'::regclass),
			'afterclick.', '');
END
$$
