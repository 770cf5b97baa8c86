-- What should wake somebody about a site: conversions that stop while its
-- visits go on, and coverage that falls against its own past.

CREATE VIEW site_watch AS
SELECT s.site, l.day AS last_conversion_day,
	l.conversions AS last_day_conversions,
	coalesce(v.views_last, 0)::bigint AS last_day_views,
	coalesce(v.views_since, 0)::bigint AS views_since,
	coalesce(u.conversions, 0) AS usual_conversions,
	coalesce(v.usual_views, 0)::bigint AS usual_views,
	CASE WHEN u.conversions >= 20 THEN round(u.conversions
		* coalesce(v.views_since, 0) / nullif(v.usual_views, 0), 3) END
		AS missing_conversions,
	o.until AS orders_until, o.orders, o.tracked_orders,
	o.orders_before, o.tracked_orders_before,
	CASE WHEN o.orders >= 50 AND o.orders_before >= 50
		THEN round(o.tracked_orders::numeric / o.orders, 6) END
		AS order_coverage,
	CASE WHEN o.orders >= 50 AND o.orders_before >= 50
		THEN round(o.tracked_orders_before::numeric / o.orders_before, 6)
	END AS order_coverage_before,
	c.until AS clicks_until, c.clicks, c.landed_clicks,
	c.clicks_before, c.landed_clicks_before,
	CASE WHEN c.clicks >= 200 AND c.clicks_before >= 200
		THEN round(c.landed_clicks / c.clicks, 6) END AS tracking_rate,
	CASE WHEN c.clicks >= 200 AND c.clicks_before >= 200
		THEN round(c.landed_clicks_before / c.clicks_before, 6) END
		AS tracking_rate_before
FROM site s
-- What shops and platforms upload later says nothing about the tag.
LEFT JOIN LATERAL (
	SELECT d.day, count(*) AS conversions
	FROM (
		SELECT o.site, o.event_id, o.day FROM outcome o
		WHERE o.site = s.site AND o.state = 0 AND o.day > current_date - 63
		UNION ALL
		SELECT o.site, o.event_id, o.day FROM outcome o
		WHERE o.site = s.site AND o.state = 2 AND o.day > current_date - 63
	) d
	JOIN conversion k ON k.site = d.site AND k.event_id = d.event_id
		AND k.lane <> 'import'
	GROUP BY d.day
	ORDER BY d.day DESC
	LIMIT 1
) l ON true
LEFT JOIN LATERAL (
	SELECT count(*) AS conversions
	FROM outcome o
	JOIN conversion k ON k.site = o.site AND k.event_id = o.event_id
		AND k.lane <> 'import'
	WHERE o.site = s.site AND o.state = 0 AND o.day < l.day
		AND o.day >= l.day - 28
) u ON true
LEFT JOIN LATERAL (
	SELECT sum(h.hits) FILTER (WHERE h.day = l.day) AS views_last,
		sum(h.hits) FILTER (WHERE h.day > l.day) AS views_since,
		sum(h.hits) FILTER (WHERE h.day < l.day) AS usual_views
	FROM hits_daily h
	WHERE h.site = s.site AND h.type = 'page' AND h.bot = ''
		AND h.lane <> 'import' AND h.day >= l.day - 28
) v ON true
LEFT JOIN LATERAL (
	SELECT e.until,
		count(*) FILTER (WHERE x.day > e.until - 7) AS orders,
		count(*) FILTER (WHERE x.day > e.until - 7 AND t.tracked)
			AS tracked_orders,
		count(*) FILTER (WHERE x.day <= e.until - 7) AS orders_before,
		count(*) FILTER (WHERE x.day <= e.until - 7 AND t.tracked)
			AS tracked_orders_before
	FROM (
		SELECT max(y.day) AS until FROM shop_order y
		WHERE y.site = s.site AND y.day > current_date - 28
	) e
	JOIN shop_order x ON x.site = s.site AND NOT x.cancelled
		AND x.day > e.until - 35
	CROSS JOIN LATERAL (
		SELECT EXISTS (
			SELECT FROM conversion k
			WHERE k.site = x.site AND k.dedup_key = x.order_id
				AND k.order_id = x.order_id AND k.purchase
		) AS tracked
	) t
	GROUP BY e.until
) o ON true
LEFT JOIN LATERAL (
	SELECT e.until,
		sum(k.clicks) FILTER (WHERE k.day > e.until - 7) AS clicks,
		coalesce(sum(t.touches) FILTER (WHERE k.day > e.until - 7), 0)
			AS landed_clicks,
		sum(k.clicks) FILTER (WHERE k.day <= e.until - 7)
			AS clicks_before,
		coalesce(sum(t.touches) FILTER (WHERE k.day <= e.until - 7), 0)
			AS landed_clicks_before
	FROM (
		SELECT max(y.day) AS until FROM cost y
		WHERE y.site = s.site AND y.clicks > 0
			AND y.day > current_date - 28
	) e
	JOIN (
		SELECT y.day, y.dim, sum(y.clicks) AS clicks FROM cost y
		WHERE y.site = s.site AND y.clicks > 0
			AND y.day > current_date - 63
		GROUP BY y.day, y.dim
	) k ON k.day > e.until - 35
	LEFT JOIN traffic_daily t ON t.day = k.day AND t.dim = k.dim
	GROUP BY e.until
) c ON true;
COMMENT ON VIEW site_watch IS 'Of each site what its alarms rest on: conversions since the last one, and coverage of late against before';
COMMENT ON COLUMN site_watch.site IS 'Site id';
COMMENT ON COLUMN site_watch.last_conversion_day IS 'Last reporting day with a conversion that was not imported; NULL when there was none for nine weeks';
COMMENT ON COLUMN site_watch.last_day_conversions IS 'Conversions of that day that were not imported';
COMMENT ON COLUMN site_watch.last_day_views IS 'Page views of people on that day';
COMMENT ON COLUMN site_watch.views_since IS 'Page views of people on the days after it';
COMMENT ON COLUMN site_watch.usual_conversions IS 'Conversions of the 28 days before the last day, likewise';
COMMENT ON COLUMN site_watch.usual_views IS 'Page views of people in these 28 days';
COMMENT ON COLUMN site_watch.missing_conversions IS 'What views_since would usually have brought: views_since * usual_conversions / usual_views; NULL below 20 usual conversions';
COMMENT ON COLUMN site_watch.orders_until IS 'Last day of which the shop''s orders are known';
COMMENT ON COLUMN site_watch.orders IS 'Orders of the seven days up to then that the shop did not cancel';
COMMENT ON COLUMN site_watch.tracked_orders IS 'Of these: tracked';
COMMENT ON COLUMN site_watch.orders_before IS 'Orders of the 28 days before, likewise';
COMMENT ON COLUMN site_watch.tracked_orders_before IS 'Of these: tracked';
COMMENT ON COLUMN site_watch.order_coverage IS 'tracked_orders / orders; NULL unless there are 50 orders of late and before';
COMMENT ON COLUMN site_watch.order_coverage_before IS 'The same of the 28 days before';
COMMENT ON COLUMN site_watch.clicks_until IS 'Last day of which the ad platforms'' clicks are known';
COMMENT ON COLUMN site_watch.clicks IS 'Clicks by the platforms'' count in the seven days up to then';
COMMENT ON COLUMN site_watch.landed_clicks IS 'Touches of the same days and campaigns';
COMMENT ON COLUMN site_watch.clicks_before IS 'Clicks of the 28 days before, likewise';
COMMENT ON COLUMN site_watch.landed_clicks_before IS 'Touches of these';
COMMENT ON COLUMN site_watch.tracking_rate IS 'landed_clicks / clicks; NULL unless there are 200 clicks of late and before';
COMMENT ON COLUMN site_watch.tracking_rate_before IS 'The same of the 28 days before';
