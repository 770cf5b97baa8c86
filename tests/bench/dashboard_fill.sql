-- A year of 500 campaigns under six models, and the 100,000 conversions
-- before whose ends paths lie: the tables as they would be, not as hits would
-- make them. Run as the tables' owner.
SET search_path = afterclick;
SELECT setseed(0.5);
INSERT INTO dimension (site, source, medium, campaign, channel)
SELECT 'shop', s.source, s.medium, 'campaign ' || lpad(n::text, 3, '0'),
	s.channel
FROM generate_series(1, 500) n
JOIN (VALUES (0, 'google', 'cpc', 'Paid Search'),
	(1, 'bing', 'cpc', 'Paid Search'),
	(2, 'facebook', 'paid_social', 'Paid Social'),
	(3, 'instagram', 'paid_social', 'Paid Social'),
	(4, 'tiktok', 'paid_social', 'Paid Social'),
	(5, 'newsletter', 'email', 'Email'),
	(6, 'youtube', 'paid_video', 'Paid Video'),
	(7, 'criteo', 'display', 'Display'),
	(8, 'partner', 'affiliate', 'Affiliates'),
	(9, 'linkedin', 'paid_social', 'Paid Social')
) s (k, source, medium, channel) ON s.k = n % 10;
CREATE TEMP TABLE d AS
SELECT dim, source, medium, campaign, row_number() OVER (ORDER BY dim) AS n
FROM dimension WHERE campaign LIKE 'campaign %';
INSERT INTO traffic_daily (day, dim, visits, touches)
SELECT current_date - g, dim, 20 + (random() * 80)::int,
	25 + (random() * 90)::int
FROM generate_series(0, 364) g, d;
INSERT INTO cost (platform, account, site, day, source, medium, campaign,
	campaign_id, dim, amount_micros, currency, cost_micros, clicks,
	impressions, import_id, name)
SELECT 'generic', '', 'shop', current_date - g, source, medium, campaign, '',
	dim, c, 'USD', c, 20 + (random() * 90)::int,
	1000 + (random() * 9000)::int, 1, campaign
FROM generate_series(0, 364) g, d,
	LATERAL (SELECT 1000000 * (5 + (random() * 40 + g * 0)::bigint) AS c) x
WHERE source <> 'newsletter';
INSERT INTO campaign_daily (day, dim, basis, model_id, conversions_micros,
	orders_micros, order_value_micros, new_customers_micros, value_micros,
	refund_micros)
SELECT current_date - g, dim, b, m, c, c, c * 50, c / 3, c * 50, c * 2
FROM generate_series(0, 364) g, d, generate_series(0, 1) b,
	generate_series(0, 5) m,
	LATERAL (SELECT (random() * 3000000 + g * 0)::bigint AS c) x;
INSERT INTO conversion (site, event_id, goal, ts, order_id, dedup_key,
	value_micros, currency, verified, lane, purchase, lookback_ms)
SELECT 'shop', 'e' || n, 'purchase', now() - n * interval '315 seconds',
	'o' || n, 'o' || n, 50000000, 'USD', true, 'server', true, 2592000000
FROM generate_series(1, 100000) n;
INSERT INTO outcome (site, event_id, customer, state, day, value_micros,
	refunded_micros, new_customer, purchase, refund_days, refund_micros)
SELECT site, event_id, md5(event_id)::uuid, 0, ts::date, value_micros, 0, true,
	true, '{}', '{}'
FROM conversion;
INSERT INTO credit (customer, site, event_id, touch_no, dim, touch_ts,
	touch_event_id, conversion_day, touch_day, share_micros, value_micros,
	refund_micros)
SELECT o.customer, o.site, o.event_id, t, d.dim, now(), '', o.day, o.day,
	'{0,0,0,0,0,0,0,0,0}', '{0,0,0,0,0,0,0,0,0}', '{0,0,0,0,0,0,0,0,0}'
FROM outcome o,
	LATERAL (SELECT abs(hashtext(o.event_id)) AS h) x,
	generate_series(1, 1 + x.h % 4) t
JOIN d ON true
WHERE d.n = 1 + (x.h / 7 + t * 131) % 500;
INSERT INTO hits_daily (day, site, type, lane, bot, hits)
SELECT current_date - g, 'shop', type, lane, bot, 20000 + (random() * 2000)::int
FROM generate_series(0, 364) g, (VALUES ('page', 'browser', ''),
	('page', 'browser', 'crawler'), ('event', 'browser', ''),
	('conversion', 'server', ''), ('page', 'redirect', ''))
	AS k (type, lane, bot);
INSERT INTO quality_daily (site, day, duplicates, late_minutes,
	analytics_storage_granted, last_received_at)
SELECT 'shop', current_date - g, 3, 200, 50000, now() - g * interval '1 day'
FROM generate_series(0, 364) g;
ANALYZE hits_daily, quality_daily, campaign_daily, traffic_daily, cost, dimension, conversion, outcome,
	credit;
