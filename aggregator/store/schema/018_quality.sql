-- How far the numbers can be trusted, per site and day. All counts are sums
-- over stored records, so neither order nor batches nor restarts show.

CREATE TABLE quality_daily (
	site text COLLATE "C" NOT NULL,
	day date NOT NULL,
	duplicates bigint NOT NULL DEFAULT 0,
	late_minutes bigint NOT NULL DEFAULT 0,
	late_hours bigint NOT NULL DEFAULT 0,
	late_days bigint NOT NULL DEFAULT 0,
	late_older bigint NOT NULL DEFAULT 0,
	clock_corrected bigint NOT NULL DEFAULT 0,
	clock_mistrusted bigint NOT NULL DEFAULT 0,
	clock_ahead bigint NOT NULL DEFAULT 0,
	cookieless_daily bigint NOT NULL DEFAULT 0,
	cookieless_none bigint NOT NULL DEFAULT 0,
	ad_storage_granted bigint NOT NULL DEFAULT 0,
	ad_storage_denied bigint NOT NULL DEFAULT 0,
	analytics_storage_granted bigint NOT NULL DEFAULT 0,
	analytics_storage_denied bigint NOT NULL DEFAULT 0,
	ad_user_data_granted bigint NOT NULL DEFAULT 0,
	ad_user_data_denied bigint NOT NULL DEFAULT 0,
	ad_personalization_granted bigint NOT NULL DEFAULT 0,
	ad_personalization_denied bigint NOT NULL DEFAULT 0,
	last_received_at timestamptz,
	PRIMARY KEY (site, day)
);
COMMENT ON TABLE quality_daily IS 'What hits say about how well they were tracked, per site and day';
COMMENT ON COLUMN quality_daily.site IS 'Site id';
COMMENT ON COLUMN quality_daily.day IS 'Reporting day';
COMMENT ON COLUMN quality_daily.duplicates IS 'Records of the day that Kafka held once more: dropped';
COMMENT ON COLUMN quality_daily.late_minutes IS 'Hits received 1 minute to 1 hour after their event time';
COMMENT ON COLUMN quality_daily.late_hours IS 'Hits received 1 hour to 1 day after their event time';
COMMENT ON COLUMN quality_daily.late_days IS 'Hits received 1 to 5 days after their event time';
COMMENT ON COLUMN quality_daily.late_older IS 'Hits received more than 5 days after their event time';
COMMENT ON COLUMN quality_daily.clock_corrected IS 'Hits whose browser''s clock was more than a minute off: their time is by the collector''s clock less their wait in the browser';
COMMENT ON COLUMN quality_daily.clock_mistrusted IS 'Hits whose browser''s clock said a wait below 0 or above 5 days: they count when they were received';
COMMENT ON COLUMN quality_daily.clock_ahead IS 'Hits of the server and import lanes with a time more than a minute after they were received';
COMMENT ON COLUMN quality_daily.cookieless_daily IS 'Hits of people by the browser lanes whose visitor is known for one day only';
COMMENT ON COLUMN quality_daily.cookieless_none IS 'Hits of people by the browser lanes without any visitor';
COMMENT ON COLUMN quality_daily.ad_storage_granted IS 'Hits of people with ad_storage granted';
COMMENT ON COLUMN quality_daily.ad_storage_denied IS 'Hits of people with ad_storage denied';
COMMENT ON COLUMN quality_daily.analytics_storage_granted IS 'Hits of people with analytics_storage granted';
COMMENT ON COLUMN quality_daily.analytics_storage_denied IS 'Hits of people with analytics_storage denied';
COMMENT ON COLUMN quality_daily.ad_user_data_granted IS 'Hits of people with ad_user_data granted';
COMMENT ON COLUMN quality_daily.ad_user_data_denied IS 'Hits of people with ad_user_data denied';
COMMENT ON COLUMN quality_daily.ad_personalization_granted IS 'Hits of people with ad_personalization granted';
COMMENT ON COLUMN quality_daily.ad_personalization_denied IS 'Hits of people with ad_personalization denied';
COMMENT ON COLUMN quality_daily.last_received_at IS 'When the collector received the last hit of the day; NULL: there were repeats alone';

CREATE TABLE refusal_daily (
	site text COLLATE "C" NOT NULL,
	day date NOT NULL,
	reason text COLLATE "C" NOT NULL,
	hits bigint NOT NULL,
	PRIMARY KEY (site, day, reason)
);
COMMENT ON TABLE refusal_daily IS 'Hits that were refused, per site and day: by the collector at its door, and dead letters';
COMMENT ON COLUMN refusal_daily.site IS 'Site id: named by the hit, else the one whose host was asked';
COMMENT ON COLUMN refusal_daily.day IS 'Reporting day of the refusal; of a dead letter the day of its event';
COMMENT ON COLUMN refusal_daily.reason IS 'As in the collector''s metric afterclick_hits_rejected_total; dead_letter: the aggregator could not use the record';
COMMENT ON COLUMN refusal_daily.hits IS 'Hits';

CREATE TABLE bot_landing_daily (
	day date NOT NULL,
	dim integer NOT NULL,
	bot text COLLATE "C" NOT NULL,
	pages bigint NOT NULL,
	redirects bigint NOT NULL,
	PRIMARY KEY (day, dim, bot)
);
COMMENT ON TABLE bot_landing_daily IS 'Bots that came by a campaign, per day: what may have been clicked and paid for';
COMMENT ON COLUMN bot_landing_daily.day IS 'Reporting day';
COMMENT ON COLUMN bot_landing_daily.dim IS 'Site, source, medium, campaign and channel of the address';
COMMENT ON COLUMN bot_landing_daily.bot IS 'Bot rule that matched';
COMMENT ON COLUMN bot_landing_daily.pages IS 'Page views with campaign parameters or a click id';
COMMENT ON COLUMN bot_landing_daily.redirects IS 'Clicks on redirect links';

CREATE TABLE site_goal (
	site text COLLATE "C",
	goal text COLLATE "C",
	since timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (site, goal)
);
COMMENT ON TABLE site_goal IS 'Goals of the configuration, as the aggregator last read it';
COMMENT ON COLUMN site_goal.site IS 'Site id';
COMMENT ON COLUMN site_goal.goal IS 'Goal';
COMMENT ON COLUMN site_goal.since IS 'When the aggregator first knew it';

-- Whoever asks for some days of a site asks each table for them: conditions
-- reach down to their keys.
CREATE VIEW quality_counts AS
SELECT d.site, d.day,
	coalesce(h.accepted, 0)::bigint AS accepted,
	coalesce(h.people, 0)::bigint AS people,
	coalesce(h.browser, 0)::bigint AS browser,
	h.bots AS bots_by_rule,
	coalesce(f.refused, 0)::bigint AS refused, f.reasons AS refused_by_reason,
	coalesce(q.duplicates, 0) AS duplicates,
	coalesce(q.late_minutes, 0) AS late_minutes,
	coalesce(q.late_hours, 0) AS late_hours,
	coalesce(q.late_days, 0) AS late_days,
	coalesce(q.late_older, 0) AS late_older,
	coalesce(q.clock_corrected, 0) AS clock_corrected,
	coalesce(q.clock_mistrusted, 0) AS clock_mistrusted,
	coalesce(q.clock_ahead, 0) AS clock_ahead,
	coalesce(q.cookieless_daily, 0) AS cookieless_daily,
	coalesce(q.cookieless_none, 0) AS cookieless_none,
	coalesce(q.ad_storage_granted, 0) AS ad_storage_granted,
	coalesce(q.ad_storage_denied, 0) AS ad_storage_denied,
	coalesce(q.analytics_storage_granted, 0) AS analytics_storage_granted,
	coalesce(q.analytics_storage_denied, 0) AS analytics_storage_denied,
	coalesce(q.ad_user_data_granted, 0) AS ad_user_data_granted,
	coalesce(q.ad_user_data_denied, 0) AS ad_user_data_denied,
	coalesce(q.ad_personalization_granted, 0) AS ad_personalization_granted,
	coalesce(q.ad_personalization_denied, 0) AS ad_personalization_denied,
	q.last_received_at,
	coalesce(v.conversions, 0)::bigint AS conversions,
	coalesce(v.verified, 0)::bigint AS verified,
	coalesce(v.repeated, 0)::bigint AS repeated, v.lanes AS conversions_by_lane,
	coalesce(u.micros, 0) AS unattributed_micros,
	t.clicks AS platform_clicks, t.landed AS landed_clicks,
	b.landings AS bot_landings, b.micros AS bot_cost_micros,
	o.orders, o.tracked AS tracked_orders
FROM (
	SELECT site, day FROM hits_daily
	UNION SELECT site, day FROM quality_daily
	UNION SELECT site, day FROM refusal_daily
	UNION SELECT site, day FROM cost
	UNION SELECT site, day FROM shop_order
) d
LEFT JOIN quality_daily q ON q.site = d.site AND q.day = d.day
LEFT JOIN LATERAL (
	SELECT sum(n.hits) AS accepted, sum(n.hits) FILTER (WHERE n.bot = '')
			AS people, sum(n.browser) AS browser,
		jsonb_object_agg(n.bot, n.hits) FILTER (WHERE n.bot <> '') AS bots
	FROM (
		SELECT bot, sum(hits) AS hits, sum(hits) FILTER (WHERE bot = ''
			AND lane IN ('browser', 'pixel', 'redirect', 'compatible'))
			AS browser
		FROM hits_daily
		WHERE site = d.site AND day = d.day
		GROUP BY bot
	) n
) h ON true
LEFT JOIN LATERAL (
	SELECT sum(hits) AS refused, jsonb_object_agg(reason, hits) AS reasons
	FROM refusal_daily WHERE site = d.site AND day = d.day
) f ON true
LEFT JOIN LATERAL (
	SELECT sum(n) AS conversions, sum(n) FILTER (WHERE l.verified) AS verified,
		sum(l.repeated) AS repeated,
		jsonb_object_agg(l.lane, n) FILTER (WHERE n > 0) AS lanes
	FROM (
		SELECT c.lane, c.verified, count(*) FILTER (WHERE o.state <> 1) AS n,
			count(*) FILTER (WHERE o.state = 1) AS repeated
		FROM outcome o
		JOIN conversion c ON c.site = o.site AND c.event_id = o.event_id
		WHERE o.day = d.day AND o.site = d.site
		GROUP BY c.lane, c.verified
	) l
) v ON true
LEFT JOIN LATERAL (
	SELECT sum(c.conversions_micros) AS micros
	FROM campaign_daily c
	JOIN dimension m USING (dim)
	WHERE m.site = d.site AND m.source = '(none)' AND m.medium = '(none)'
		AND m.campaign = '(unattributed)' AND c.day = d.day
		AND c.basis = 0 AND c.model_id = 0
) u ON true
LEFT JOIN LATERAL (
	SELECT sum(c.clicks) AS clicks, sum(coalesce(x.touches, 0)) AS landed
	FROM (
		SELECT dim, sum(clicks) AS clicks FROM cost
		WHERE site = d.site AND day = d.day AND clicks > 0
		GROUP BY dim
	) c
	LEFT JOIN traffic_daily x ON x.day = d.day AND x.dim = c.dim
) t ON true
LEFT JOIN LATERAL (
	SELECT sum(n.landings) AS landings, sum(trunc(c.cost
		* least(n.landings, c.clicks) / nullif(c.clicks, 0))) AS micros
	FROM (
		SELECT l.dim, greatest(sum(l.pages), sum(l.redirects)) AS landings
		FROM bot_landing_daily l JOIN dimension m USING (dim)
		WHERE l.day = d.day AND m.site = d.site
		GROUP BY l.dim
	) n
	LEFT JOIN LATERAL (
		SELECT sum(k.clicks) AS clicks, sum(k.cost_micros) AS cost
		FROM cost k
		WHERE k.day = d.day AND k.dim = n.dim AND k.clicks > 0
			AND k.cost_micros IS NOT NULL
	) c ON true
) b ON true
LEFT JOIN LATERAL (
	SELECT count(*) AS orders, count(*) FILTER (WHERE EXISTS (
		SELECT FROM conversion c
		WHERE c.site = s.site AND c.dedup_key = s.order_id
			AND c.order_id = s.order_id AND c.purchase)) AS tracked
	FROM shop_order s
	WHERE s.site = d.site AND s.day = d.day AND NOT s.cancelled
) o ON true;
COMMENT ON VIEW quality_counts IS 'What data_quality_daily is made of';
COMMENT ON COLUMN quality_counts.site IS 'Site id';
COMMENT ON COLUMN quality_counts.day IS 'Reporting day';
COMMENT ON COLUMN quality_counts.accepted IS 'Hits in the tables, those of bots included';
COMMENT ON COLUMN quality_counts.people IS 'Hits but those of bots';
COMMENT ON COLUMN quality_counts.browser IS 'Of people by the browser, pixel, redirect and compatible lanes';
COMMENT ON COLUMN quality_counts.bots_by_rule IS 'Hits of bots by the rule that matched';
COMMENT ON COLUMN quality_counts.refused IS 'Hits refused';
COMMENT ON COLUMN quality_counts.refused_by_reason IS 'Hits refused by reason';
COMMENT ON COLUMN quality_counts.duplicates IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.late_minutes IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.late_hours IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.late_days IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.late_older IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.clock_corrected IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.clock_mistrusted IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.clock_ahead IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.cookieless_daily IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.cookieless_none IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.ad_storage_granted IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.ad_storage_denied IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.analytics_storage_granted IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.analytics_storage_denied IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.ad_user_data_granted IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.ad_user_data_denied IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.ad_personalization_granted IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.ad_personalization_denied IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.last_received_at IS 'As in quality_daily';
COMMENT ON COLUMN quality_counts.conversions IS 'Conversions that count or wait for a currency rate';
COMMENT ON COLUMN quality_counts.verified IS 'Of these by a signed lane';
COMMENT ON COLUMN quality_counts.repeated IS 'Reports of conversions that were known by another';
COMMENT ON COLUMN quality_counts.conversions_by_lane IS 'Conversions by the lane they came by';
COMMENT ON COLUMN quality_counts.unattributed_micros IS 'Conversions without a touch, in micros';
COMMENT ON COLUMN quality_counts.platform_clicks IS 'Clicks by the ad platforms'' count';
COMMENT ON COLUMN quality_counts.landed_clicks IS 'Touches of the campaigns that have such clicks';
COMMENT ON COLUMN quality_counts.bot_landings IS 'Landings of bots by a campaign';
COMMENT ON COLUMN quality_counts.bot_cost_micros IS 'What these clicks cost, where the platform tells clicks and cost';
COMMENT ON COLUMN quality_counts.orders IS 'Orders of the shop that it did not cancel';
COMMENT ON COLUMN quality_counts.tracked_orders IS 'Of these: tracked';

CREATE VIEW quality_days AS
SELECT site, day FROM hits_daily
UNION SELECT site, day FROM quality_daily
UNION SELECT site, day FROM refusal_daily
UNION SELECT site, day FROM cost
UNION SELECT site, day FROM shop_order
UNION
-- and those on which nothing came, for four weeks: then the site is gone.
SELECT s.site, g.day::date
FROM site s
CROSS JOIN LATERAL (
	SELECT (SELECT h.day FROM hits_daily h WHERE h.site = s.site
			ORDER BY h.day LIMIT 1) AS first,
		(SELECT h.day FROM hits_daily h WHERE h.site = s.site
			ORDER BY h.day DESC LIMIT 1) AS last,
		(SELECT (min(p.watermark) AT TIME ZONE s.timezone)::date
			FROM position p) AS now
) k
CROSS JOIN LATERAL generate_series(k.first::timestamp,
	greatest(k.last, least(k.now, k.last + 28))::timestamp,
	interval '1 day') AS g (day);
COMMENT ON VIEW quality_days IS 'Days of each site that something is known of, and days between and after on which nothing came';
COMMENT ON COLUMN quality_days.site IS 'Site id';
COMMENT ON COLUMN quality_days.day IS 'Reporting day';

-- Iglewicz and Hoaglin's modified z-score against the same weekday of the
-- eight weeks before: median and MAD, which one odd week hardly moves. What
-- chance alone does to counts is the least that is called a spread.
CREATE VIEW data_quality_marks AS
SELECT d.site, d.day, x.measure,
	CASE WHEN x.value > x.median THEN 'high' ELSE 'low' END AS mark,
	round(x.value, 6) AS value, round(x.median::numeric, 6) AS median,
	round(r.mad::numeric, 6) AS mad, x.weeks,
	round(((x.value - x.median) / z.scale)::numeric, 2) AS score
FROM quality_days d
JOIN site s ON s.site = d.site
CROSS JOIN LATERAL (
	SELECT (SELECT h.day FROM hits_daily h WHERE h.site = d.site
			ORDER BY h.day LIMIT 1) AS first,
		(SELECT CASE WHEN bool_or(p.watermark IS NULL) THEN NULL
			ELSE min(p.watermark) END FROM position p) AS now
) k
CROSS JOIN LATERAL (
	SELECT w.measure, w.share, max(w.value) FILTER (WHERE w.week = 0) AS value,
		max(w.base) FILTER (WHERE w.week = 0)::float8 AS base,
		count(w.value) FILTER (WHERE w.week > 0) AS weeks,
		percentile_cont(0.5) WITHIN GROUP (ORDER BY w.value::float8)
			FILTER (WHERE w.week > 0) AS median,
		array_agg(w.value::float8) FILTER (WHERE w.week > 0
			AND w.value IS NOT NULL) AS earlier
	FROM (
		SELECT n.week, m.measure, m.base, m.share, CASE WHEN m.share
			THEN m.amount / nullif(m.base, 0) ELSE m.amount END AS value
		FROM generate_series(0, 8) AS n (week)
		LEFT JOIN LATERAL (
			SELECT * FROM quality_counts q
			WHERE q.site = d.site AND q.day = d.day - 7 * n.week
			OFFSET 0 -- each of them by the keys, not all and then each
		) c ON true
		CROSS JOIN LATERAL (VALUES
			('hits', coalesce(c.people, 0)::numeric, NULL::numeric,
				false),
			('conversions', coalesce(c.conversions, 0), NULL, false),
			('bot share', c.accepted - c.people, c.accepted, true),
			('refused share', c.refused, c.accepted + c.refused, true),
			('duplicate share', c.duplicates,
				c.accepted + c.duplicates, true),
			('late share', c.late_hours + c.late_days + c.late_older,
				c.accepted, true),
			('clock share', c.clock_corrected + c.clock_mistrusted
				+ c.clock_ahead, c.accepted, true),
			('consent share', c.analytics_storage_granted, c.people,
				true),
			('cookieless share',
				c.cookieless_daily + c.cookieless_none, c.browser,
				true),
			('unattributed share', c.unattributed_micros * 0.000001,
				c.conversions, true),
			('unverified share', c.conversions - c.verified,
				c.conversions, true),
			('tracking rate', c.landed_clicks, c.platform_clicks, true),
			('order coverage', c.tracked_orders, c.orders, true)
		) m (measure, amount, base, share)
		WHERE d.day - 7 * n.week >= k.first
	) w
	GROUP BY w.measure, w.share
) x
CROSS JOIN LATERAL (
	SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(e - x.median))
		AS mad
	FROM unnest(x.earlier) AS e
) r
CROSS JOIN LATERAL (
	SELECT greatest(1.4826 * r.mad, CASE WHEN x.share THEN sqrt(
		(greatest(x.median * (1 - x.median), 0) + 1 / nullif(x.base, 0))
		/ nullif(x.base, 0))
		ELSE sqrt(greatest(x.median, 1)) END) AS scale
) z
WHERE k.now >= ((d.day + 1)::timestamp AT TIME ZONE s.timezone)
		+ interval '1 hour'
	AND x.weeks >= 4 AND abs(x.value - x.median) > 3.5 * z.scale;
COMMENT ON VIEW data_quality_marks IS 'Measures of a day that differ from the same weekday of the eight weeks before by more than 3.5 robust standard deviations; days that are still open have none';
COMMENT ON COLUMN data_quality_marks.site IS 'Site id';
COMMENT ON COLUMN data_quality_marks.day IS 'Reporting day';
COMMENT ON COLUMN data_quality_marks.measure IS 'What differs: hits and conversions are counts, the others ratios of data_quality_daily';
COMMENT ON COLUMN data_quality_marks.mark IS 'high or low';
COMMENT ON COLUMN data_quality_marks.value IS 'The day''s value';
COMMENT ON COLUMN data_quality_marks.median IS 'Median of the weeks before';
COMMENT ON COLUMN data_quality_marks.mad IS 'Median of their distances from that median';
COMMENT ON COLUMN data_quality_marks.weeks IS 'How many of the eight weeks there are, at least 4';
COMMENT ON COLUMN data_quality_marks.score IS '(value - median) / greatest(1.4826 mad, what chance alone does)';

CREATE VIEW data_quality_daily AS
SELECT d.site, d.day,
	coalesce(c.accepted, 0) + coalesce(c.refused, 0) AS hits,
	coalesce(c.accepted, 0) AS accepted,
	coalesce(c.people, 0) AS people,
	coalesce(c.accepted, 0) - coalesce(c.people, 0) AS bots,
	c.bots_by_rule AS bots_by_rule,
	coalesce(c.bot_landings, 0) AS bot_landings,
	(c.bot_cost_micros * 0.000001)::numeric(38,6) AS bot_cost,
	coalesce(c.refused, 0) AS refused,
	c.refused_by_reason AS refused_by_reason,
	coalesce(c.duplicates, 0) AS duplicates,
	coalesce(c.late_minutes, 0) AS late_minutes,
	coalesce(c.late_hours, 0) AS late_hours,
	coalesce(c.late_days, 0) AS late_days,
	coalesce(c.late_older, 0) AS late_older,
	coalesce(c.clock_corrected, 0) AS clock_corrected,
	coalesce(c.clock_mistrusted, 0) AS clock_mistrusted,
	coalesce(c.clock_ahead, 0) AS clock_ahead,
	coalesce(c.ad_storage_granted, 0) AS ad_storage_granted,
	coalesce(c.ad_storage_denied, 0) AS ad_storage_denied,
	coalesce(c.people, 0) - coalesce(c.ad_storage_granted, 0)
		- coalesce(c.ad_storage_denied, 0) AS ad_storage_unknown,
	coalesce(c.analytics_storage_granted, 0) AS analytics_storage_granted,
	coalesce(c.analytics_storage_denied, 0) AS analytics_storage_denied,
	coalesce(c.people, 0) - coalesce(c.analytics_storage_granted, 0)
		- coalesce(c.analytics_storage_denied, 0) AS analytics_storage_unknown,
	coalesce(c.ad_user_data_granted, 0) AS ad_user_data_granted,
	coalesce(c.ad_user_data_denied, 0) AS ad_user_data_denied,
	coalesce(c.people, 0) - coalesce(c.ad_user_data_granted, 0)
		- coalesce(c.ad_user_data_denied, 0) AS ad_user_data_unknown,
	coalesce(c.ad_personalization_granted, 0) AS ad_personalization_granted,
	coalesce(c.ad_personalization_denied, 0) AS ad_personalization_denied,
	coalesce(c.people, 0) - coalesce(c.ad_personalization_granted, 0)
		- coalesce(c.ad_personalization_denied, 0) AS ad_personalization_unknown,
	coalesce(c.cookieless_daily, 0)
		+ coalesce(c.cookieless_none, 0) AS cookieless,
	round((c.cookieless_daily + c.cookieless_none)::numeric
		/ nullif(c.browser, 0), 6) AS cookieless_share,
	coalesce(c.conversions, 0) AS conversions,
	coalesce(c.verified, 0) AS verified,
	coalesce(c.conversions, 0) - coalesce(c.verified, 0) AS unverified,
	c.conversions_by_lane AS conversions_by_lane,
	coalesce(c.repeated, 0) AS repeated_conversions,
	(coalesce(c.unattributed_micros, 0) * 0.000001)::numeric(38,6) AS unattributed,
	round(c.unattributed_micros * 0.000001 / nullif(c.conversions, 0), 6) AS unattributed_share,
	c.platform_clicks AS platform_clicks,
	c.landed_clicks AS landed_clicks,
	round(c.landed_clicks / nullif(c.platform_clicks, 0), 6) AS tracking_rate,
	coalesce(c.orders, 0) AS orders,
	coalesce(c.tracked_orders, 0) AS tracked_orders,
	round(c.tracked_orders::numeric / nullif(c.orders, 0), 6) AS order_coverage,
	c.last_received_at AS last_received_at,
	k.complete_until AS complete_until,
	(
		SELECT string_agg(m.measure || ' ' || m.mark, ', ' ORDER BY
			abs(m.score) DESC, m.measure)
		FROM data_quality_marks m
		WHERE m.site = d.site AND m.day = d.day
	) AS marks
FROM quality_days d
LEFT JOIN LATERAL (
	SELECT * FROM quality_counts q WHERE q.site = d.site AND q.day = d.day
	OFFSET 0
) c ON true
CROSS JOIN (
	SELECT CASE WHEN bool_or(watermark IS NULL) THEN NULL
		ELSE min(watermark) END AS complete_until
	FROM position
) k;
COMMENT ON VIEW data_quality_daily IS 'How far the numbers can be trusted, per site and reporting day';
COMMENT ON COLUMN data_quality_daily.site IS 'Site id';
COMMENT ON COLUMN data_quality_daily.day IS 'Reporting day; days on which nothing came are there too';
COMMENT ON COLUMN data_quality_daily.hits IS 'Hits that came: accepted and refused';
COMMENT ON COLUMN data_quality_daily.accepted IS 'Hits in the tables, those of bots included';
COMMENT ON COLUMN data_quality_daily.people IS 'Accepted hits but those of bots';
COMMENT ON COLUMN data_quality_daily.bots IS 'Accepted hits that a bot rule matched';
COMMENT ON COLUMN data_quality_daily.bots_by_rule IS 'Those by the name of the rule, as JSON';
COMMENT ON COLUMN data_quality_daily.bot_landings IS 'Landings of bots by a campaign: page views with its parameters or a click id, or clicks on redirect links, whichever are more';
COMMENT ON COLUMN data_quality_daily.bot_cost IS 'What these clicks cost at the campaign''s cost per click of that day, in the reporting currency; NULL where no platform told clicks and cost. An upper bound: platforms do not charge what they know for bots themselves';
COMMENT ON COLUMN data_quality_daily.refused IS 'Hits refused';
COMMENT ON COLUMN data_quality_daily.refused_by_reason IS 'Those by reason, as JSON: see refusal_daily';
COMMENT ON COLUMN data_quality_daily.duplicates IS 'Records that Kafka held once more: dropped';
COMMENT ON COLUMN data_quality_daily.late_minutes IS 'Hits received 1 minute to 1 hour after their event time';
COMMENT ON COLUMN data_quality_daily.late_hours IS 'Hits received 1 hour to 1 day after their event time';
COMMENT ON COLUMN data_quality_daily.late_days IS 'Hits received 1 to 5 days after their event time';
COMMENT ON COLUMN data_quality_daily.late_older IS 'Hits received more than 5 days after their event time';
COMMENT ON COLUMN data_quality_daily.clock_corrected IS 'Hits whose browser''s clock was more than a minute off';
COMMENT ON COLUMN data_quality_daily.clock_mistrusted IS 'Hits whose browser''s clock made no sense: they count when they were received';
COMMENT ON COLUMN data_quality_daily.clock_ahead IS 'Hits of servers and imports with a time more than a minute after they were received';
COMMENT ON COLUMN data_quality_daily.ad_storage_granted IS 'Hits of people with ad_storage granted';
COMMENT ON COLUMN data_quality_daily.ad_storage_denied IS 'Hits of people with ad_storage denied';
COMMENT ON COLUMN data_quality_daily.ad_storage_unknown IS 'Hits of people that say nothing of ad_storage';
COMMENT ON COLUMN data_quality_daily.analytics_storage_granted IS 'Hits of people with analytics_storage granted';
COMMENT ON COLUMN data_quality_daily.analytics_storage_denied IS 'Hits of people with analytics_storage denied';
COMMENT ON COLUMN data_quality_daily.analytics_storage_unknown IS 'Hits of people that say nothing of analytics_storage';
COMMENT ON COLUMN data_quality_daily.ad_user_data_granted IS 'Hits of people with ad_user_data granted';
COMMENT ON COLUMN data_quality_daily.ad_user_data_denied IS 'Hits of people with ad_user_data denied';
COMMENT ON COLUMN data_quality_daily.ad_user_data_unknown IS 'Hits of people that say nothing of ad_user_data';
COMMENT ON COLUMN data_quality_daily.ad_personalization_granted IS 'Hits of people with ad_personalization granted';
COMMENT ON COLUMN data_quality_daily.ad_personalization_denied IS 'Hits of people with ad_personalization denied';
COMMENT ON COLUMN data_quality_daily.ad_personalization_unknown IS 'Hits of people that say nothing of ad_personalization';
COMMENT ON COLUMN data_quality_daily.cookieless IS 'Hits of people by the browser lanes without a lasting visitor';
COMMENT ON COLUMN data_quality_daily.cookieless_share IS 'cookieless / all hits of people by these lanes';
COMMENT ON COLUMN data_quality_daily.conversions IS 'Conversions that count or wait for a currency rate';
COMMENT ON COLUMN data_quality_daily.verified IS 'Of these by a signed lane';
COMMENT ON COLUMN data_quality_daily.unverified IS 'Of these by the browser lanes';
COMMENT ON COLUMN data_quality_daily.conversions_by_lane IS 'Conversions by lane, as JSON';
COMMENT ON COLUMN data_quality_daily.repeated_conversions IS 'Reports of conversions that were known by another report';
COMMENT ON COLUMN data_quality_daily.unattributed IS 'Conversions without a touch';
COMMENT ON COLUMN data_quality_daily.unattributed_share IS 'unattributed / conversions';
COMMENT ON COLUMN data_quality_daily.platform_clicks IS 'Clicks by the ad platforms'' count; NULL where none told any';
COMMENT ON COLUMN data_quality_daily.landed_clicks IS 'Touches of the campaigns that have such clicks';
COMMENT ON COLUMN data_quality_daily.tracking_rate IS 'landed_clicks / platform_clicks';
COMMENT ON COLUMN data_quality_daily.orders IS 'Orders of the shop''s own exports that it did not cancel';
COMMENT ON COLUMN data_quality_daily.tracked_orders IS 'Of these: tracked';
COMMENT ON COLUMN data_quality_daily.order_coverage IS 'tracked_orders / orders';
COMMENT ON COLUMN data_quality_daily.last_received_at IS 'When the collector received the last hit of the day';
COMMENT ON COLUMN data_quality_daily.complete_until IS 'Receive time up to which everything is in the tables; NULL while a partition was never read';
COMMENT ON COLUMN data_quality_daily.marks IS 'What differs from the same weekday before, most unusual first: see data_quality_marks; NULL: nothing';

-- What used to work and does not. A thing that happened N times in the four
-- weeks before it last did is silent when the chance of so long a pause, if
-- nothing had changed, is below 1 in 1000: exp(-N / 28 * days) (Poisson).
CREATE VIEW tag_health AS
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
COMMENT ON VIEW tag_health IS 'What of the tracking used to work and does not, or never did';
COMMENT ON COLUMN tag_health.site IS 'Site id';
COMMENT ON COLUMN tag_health.finding IS 'site fell silent, page fell silent (it used to convert), goal fell silent, goal never fired, clicks without landings (20 at least)';
COMMENT ON COLUMN tag_health.subject IS 'Site, path of the page, goal, or source / medium / campaign';
COMMENT ON COLUMN tag_health.since IS 'Reporting day: of the last event; of a goal that never fired when the aggregator first knew it; of clicks without landings the first';
COMMENT ON COLUMN tag_health.events IS 'Events in the 28 days up to since; clicks';
COMMENT ON COLUMN tag_health.evidence IS 'What it rests on';
