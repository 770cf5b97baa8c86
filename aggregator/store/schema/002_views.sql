-- Views: the contract with analysts. Money is in units of the site's
-- reporting currency with six places, conversions have six places; ratios
-- are ratios of sums and NULL where the denominator is 0.

CREATE VIEW day_status AS
SELECT d.site, d.day,
	((d.day + 1)::timestamp AT TIME ZONE coalesce(s.timezone, 'UTC')) AS ends_at,
	CASE
	WHEN w.watermark IS NULL OR w.watermark < ((d.day + 1)::timestamp
		AT TIME ZONE coalesce(s.timezone, 'UTC')) + interval '1 hour'
		THEN 'open'
	WHEN w.watermark < ((d.day + 1)::timestamp
		AT TIME ZONE coalesce(s.timezone, 'UTC')) + interval '840 hours'
		THEN 'provisional'
	ELSE 'final'
	END AS day_status
FROM (
	SELECT m.site, t.day FROM traffic_daily t JOIN dimension m USING (dim)
	UNION SELECT m.site, c.day FROM campaign_daily c JOIN dimension m USING (dim)
	UNION SELECT site, day FROM cost
) d
LEFT JOIN site s USING (site)
CROSS JOIN (
	SELECT CASE WHEN bool_or(watermark IS NULL) THEN NULL
		ELSE min(watermark) END AS watermark
	FROM position
) w;
COMMENT ON VIEW day_status IS 'How settled each reporting day is';
COMMENT ON COLUMN day_status.site IS 'Site id';
COMMENT ON COLUMN day_status.day IS 'Reporting day in the site''s time zone';
COMMENT ON COLUMN day_status.ends_at IS 'When the day ends';
COMMENT ON COLUMN day_status.day_status IS 'open; provisional: all partitions are read past the day''s end and an hour; final: past it by 35 days';

-- Traffic and costs are the same for every model and basis, so they stand in
-- each; adding up three sets of rows is the full outer join of them.
-- A trained model has rows from the day on that its first pin names.
CREATE VIEW campaign_roi_daily AS
WITH pinned AS (
	SELECT d.dim, p.model_id, min(p.from_day) AS from_day
	FROM model_pin p JOIN dimension d USING (site)
	GROUP BY 1, 2
), cell AS (
	SELECT day, dim, basis, model_id,
		conversions_micros AS conversions, orders_micros AS orders,
		order_value_micros AS order_value,
		new_customers_micros AS new_customers,
		value_micros AS value, refund_micros AS refund,
		booked_refund_micros AS booked_refund,
		0::bigint AS visits, 0::bigint AS touches,
		NULL::bigint AS impressions, NULL::bigint AS clicks,
		0::bigint AS cost, 0 AS waiting, revision
	FROM campaign_daily
	UNION ALL
	SELECT t.day, t.dim, b.basis, m.model_id, 0, 0, 0, 0, 0, 0, 0,
		t.visits, t.touches, NULL, NULL, 0, 0, t.revision
	FROM traffic_daily t
	CROSS JOIN (VALUES (0::smallint), (1::smallint)) b (basis)
	CROSS JOIN model m
	LEFT JOIN pinned p ON p.dim = t.dim AND p.model_id = m.model_id
	WHERE NOT m.trained OR t.day >= p.from_day
	UNION ALL
	SELECT c.day, c.dim, b.basis, m.model_id, 0, 0, 0, 0, 0, 0, 0,
		0, 0, c.impressions, c.clicks, coalesce(c.cost_micros, 0),
		(c.cost_micros IS NULL)::int, 1
	FROM cost c
	CROSS JOIN (VALUES (0::smallint), (1::smallint)) b (basis)
	CROSS JOIN model m
	LEFT JOIN pinned p ON p.dim = c.dim AND p.model_id = m.model_id
	WHERE NOT m.trained OR c.day >= p.from_day
	UNION ALL
	SELECT h.day, h.dim, b.basis, m.model_id, 0, 0, 0, 0, 0, 0, 0,
		0, 0, NULL, NULL, 0, 0, 1
	FROM cost_history h
	CROSS JOIN (VALUES (0::smallint), (1::smallint)) b (basis)
	CROSS JOIN model m
	LEFT JOIN pinned p ON p.dim = h.dim AND p.model_id = m.model_id
	WHERE NOT m.trained OR h.day >= p.from_day
), total AS (
	SELECT day, dim, basis, model_id,
		(sum(conversions) * 0.000001)::numeric(38,6) AS conversions,
		(sum(orders) * 0.000001)::numeric(38,6) AS orders,
		(sum(order_value) * 0.000001)::numeric(38,6) AS order_value,
		(sum(new_customers) * 0.000001)::numeric(38,6) AS new_customers,
		(sum(value) * 0.000001)::numeric(38,6) AS gross_revenue,
		(sum(refund) * 0.000001)::numeric(38,6) AS refunds,
		(sum(booked_refund) * 0.000001)::numeric(38,6) AS booked_refunds,
		sum(visits)::bigint AS visits, sum(touches)::bigint AS touches,
		sum(impressions)::bigint AS impressions,
		sum(clicks)::bigint AS clicks,
		CASE WHEN sum(waiting) = 0
			THEN (sum(cost) * 0.000001)::numeric(38,6) END AS cost,
		sum(waiting) AS waiting,
		sum(revision)::bigint AS revision
	FROM cell
	GROUP BY day, dim, basis, model_id
)
SELECT d.site, t.day,
	CASE t.basis WHEN 0 THEN 'conversion' ELSE 'touch' END AS date_basis,
	m.model, d.channel, d.source, d.medium, d.campaign,
	t.visits, t.touches, t.conversions, t.orders, t.new_customers,
	t.gross_revenue, t.refunds,
	(t.gross_revenue - t.refunds)::numeric(38,6) AS net_revenue,
	t.impressions, t.clicks, t.cost,
	(t.gross_revenue - t.refunds) / nullif(t.cost, 0) AS roas,
	((t.gross_revenue - t.refunds) * (coalesce(s.margin_micros, 1000000)
		* 0.000001) - t.cost) / nullif(t.cost, 0) AS roi,
	t.cost / nullif(t.conversions, 0) AS cpa,
	t.cost / nullif(t.new_customers, 0) AS cac,
	t.conversions / nullif(t.visits, 0) AS cvr,
	t.order_value / nullif(t.orders, 0) AS aov,
	t.touches::numeric / nullif(t.clicks, 0) AS tracking_rate,
	CASE
	WHEN w.watermark IS NULL OR w.watermark < ((t.day + 1)::timestamp
		AT TIME ZONE coalesce(s.timezone, 'UTC')) + interval '1 hour'
		THEN 'open'
	WHEN w.watermark < ((t.day + 1)::timestamp
		AT TIME ZONE coalesce(s.timezone, 'UTC')) + interval '840 hours'
		THEN 'provisional'
	ELSE 'final'
	END AS day_status,
	t.revision,
	s.currency,
	t.order_value AS order_revenue,
	t.booked_refunds,
	t.gross_revenue / nullif(t.cost, 0) AS gross_roas,
	t.cost / nullif(t.clicks, 0) AS cpc,
	1000 * t.cost / nullif(t.impressions, 0) AS cpm,
	t.clicks::numeric / nullif(t.impressions, 0) AS ctr
FROM total t
JOIN dimension d USING (dim)
JOIN model m USING (model_id)
LEFT JOIN site s ON s.site = d.site
CROSS JOIN (
	SELECT CASE WHEN bool_or(watermark IS NULL) THEN NULL
		ELSE min(watermark) END AS watermark
	FROM position
) w
WHERE t.visits <> 0 OR t.touches <> 0 OR t.conversions <> 0
	OR t.gross_revenue <> 0 OR t.refunds <> 0 OR t.booked_refunds <> 0
	OR t.waiting <> 0 OR t.cost <> 0 OR t.clicks <> 0 OR t.impressions <> 0;
COMMENT ON VIEW campaign_roi_daily IS 'Return on each campaign, per day and attribution model; a row exists wherever there were visits, touches, conversions, refunds or costs';
COMMENT ON COLUMN campaign_roi_daily.site IS 'Site id';
COMMENT ON COLUMN campaign_roi_daily.day IS 'Reporting day in the site''s time zone';
COMMENT ON COLUMN campaign_roi_daily.date_basis IS 'conversion: credited on the conversion''s day; touch: on the touch''s day. Both have the same grand totals';
COMMENT ON COLUMN campaign_roi_daily.model IS 'Attribution model';
COMMENT ON COLUMN campaign_roi_daily.channel IS 'Channel';
COMMENT ON COLUMN campaign_roi_daily.source IS 'Source';
COMMENT ON COLUMN campaign_roi_daily.medium IS 'Medium';
COMMENT ON COLUMN campaign_roi_daily.campaign IS 'Campaign; (unattributed) for conversions without a touch';
COMMENT ON COLUMN campaign_roi_daily.visits IS 'Visits that began here, the same in every model and basis';
COMMENT ON COLUMN campaign_roi_daily.touches IS 'Touches, the same in every model and basis';
COMMENT ON COLUMN campaign_roi_daily.conversions IS 'Credited conversions';
COMMENT ON COLUMN campaign_roi_daily.orders IS 'Credited purchases';
COMMENT ON COLUMN campaign_roi_daily.new_customers IS 'Credited first-ever purchases';
COMMENT ON COLUMN campaign_roi_daily.gross_revenue IS 'Credited value before refunds';
COMMENT ON COLUMN campaign_roi_daily.refunds IS 'Credited refunds, restated on the day of the conversion or touch';
COMMENT ON COLUMN campaign_roi_daily.net_revenue IS 'gross_revenue - refunds';
COMMENT ON COLUMN campaign_roi_daily.impressions IS 'Impressions by the ad platform''s count; NULL where it gave none';
COMMENT ON COLUMN campaign_roi_daily.clicks IS 'Clicks by the ad platform''s count; NULL where it gave none';
COMMENT ON COLUMN campaign_roi_daily.cost IS 'Cost; NULL while a currency rate is missing (see waiting_costs)';
COMMENT ON COLUMN campaign_roi_daily.roas IS 'net_revenue / cost';
COMMENT ON COLUMN campaign_roi_daily.roi IS '(net_revenue * margin - cost) / cost';
COMMENT ON COLUMN campaign_roi_daily.cpa IS 'cost / conversions';
COMMENT ON COLUMN campaign_roi_daily.cac IS 'cost / new_customers';
COMMENT ON COLUMN campaign_roi_daily.cvr IS 'conversions / visits';
COMMENT ON COLUMN campaign_roi_daily.aov IS 'order_revenue / orders';
COMMENT ON COLUMN campaign_roi_daily.tracking_rate IS 'touches / clicks: how many of the platform''s clicks landed';
COMMENT ON COLUMN campaign_roi_daily.day_status IS 'open, provisional or final: see day_status';
COMMENT ON COLUMN campaign_roi_daily.revision IS 'Grows whenever a number of the row may have changed';
COMMENT ON COLUMN campaign_roi_daily.currency IS 'Reporting currency of all money in the row';
COMMENT ON COLUMN campaign_roi_daily.order_revenue IS 'Credited value of purchases before refunds';
COMMENT ON COLUMN campaign_roi_daily.booked_refunds IS 'Credited refunds on the day of the refund (basis conversion only)';
COMMENT ON COLUMN campaign_roi_daily.gross_roas IS 'gross_revenue / cost';
COMMENT ON COLUMN campaign_roi_daily.cpc IS 'cost / clicks';
COMMENT ON COLUMN campaign_roi_daily.cpm IS '1000 * cost / impressions';
COMMENT ON COLUMN campaign_roi_daily.ctr IS 'clicks / impressions';

CREATE VIEW model_comparison AS
SELECT r.site, r.day, r.date_basis, r.channel, r.source, r.medium, r.campaign,
	r.model, r.conversions, r.net_revenue, r.cost, r.roas, r.roi,
	(r.conversions - coalesce(l.conversions, 0))::numeric(38,6)
		AS conversions_over_last_touch,
	(r.net_revenue - coalesce(l.net_revenue, 0))::numeric(38,6)
		AS net_revenue_over_last_touch
FROM campaign_roi_daily r
LEFT JOIN campaign_roi_daily l ON l.model = 'last_touch'
	AND l.site = r.site AND l.day = r.day AND l.date_basis = r.date_basis
	AND l.source = r.source AND l.medium = r.medium
	AND l.campaign = r.campaign;
COMMENT ON VIEW model_comparison IS 'What each model says of a campaign, and how that differs from the last touch';
COMMENT ON COLUMN model_comparison.site IS 'Site id';
COMMENT ON COLUMN model_comparison.day IS 'Reporting day in the site''s time zone';
COMMENT ON COLUMN model_comparison.date_basis IS 'conversion or touch: whose day it is';
COMMENT ON COLUMN model_comparison.channel IS 'Channel';
COMMENT ON COLUMN model_comparison.source IS 'Source';
COMMENT ON COLUMN model_comparison.medium IS 'Medium';
COMMENT ON COLUMN model_comparison.campaign IS 'Campaign';
COMMENT ON COLUMN model_comparison.model IS 'Attribution model';
COMMENT ON COLUMN model_comparison.conversions IS 'Credited conversions';
COMMENT ON COLUMN model_comparison.net_revenue IS 'Credited revenue less refunds';
COMMENT ON COLUMN model_comparison.cost IS 'Cost; NULL while a currency rate is missing';
COMMENT ON COLUMN model_comparison.roas IS 'net_revenue / cost';
COMMENT ON COLUMN model_comparison.roi IS '(net_revenue * margin - cost) / cost';
COMMENT ON COLUMN model_comparison.conversions_over_last_touch IS 'Conversions above those by last_touch';
COMMENT ON COLUMN model_comparison.net_revenue_over_last_touch IS 'Net revenue above that by last_touch';

CREATE VIEW conversion_credits AS
SELECT c.site, c.event_id, c.customer, v.ts AS conversion_time, v.goal,
	v.order_id, m.model, c.touch_no, c.touch_ts AS touch_time,
	c.touch_event_id, d.channel, d.source, d.medium, d.campaign,
	c.conversion_day, c.touch_day,
	(x.share * 0.000001)::numeric(38,6) AS conversions,
	(x.value * 0.000001)::numeric(38,6) AS gross_revenue,
	(x.refund * 0.000001)::numeric(38,6) AS refunds,
	((x.value - x.refund) * 0.000001)::numeric(38,6) AS net_revenue
FROM credit c
CROSS JOIN LATERAL unnest(c.share_micros, c.value_micros, c.refund_micros)
	WITH ORDINALITY AS x (share, value, refund, place)
JOIN model m ON m.model_id = x.place - 1 AND (NOT m.trained OR EXISTS (
	SELECT FROM model_pin p
	WHERE p.site = c.site AND p.model_id = m.model_id
		AND p.from_day <= c.conversion_day))
JOIN dimension d USING (dim)
LEFT JOIN conversion v ON v.site = c.site AND v.event_id = c.event_id;
COMMENT ON VIEW conversion_credits IS 'Why a campaign has its numbers: the share of every touch in every conversion, by model';
COMMENT ON COLUMN conversion_credits.site IS 'Site id';
COMMENT ON COLUMN conversion_credits.event_id IS 'Event id of the conversion';
COMMENT ON COLUMN conversion_credits.customer IS 'Customer: hash of site and user id, else of site and visitor id';
COMMENT ON COLUMN conversion_credits.conversion_time IS 'Event time of the conversion';
COMMENT ON COLUMN conversion_credits.goal IS 'Goal of the conversion';
COMMENT ON COLUMN conversion_credits.order_id IS 'Order of the conversion, if any';
COMMENT ON COLUMN conversion_credits.model IS 'Attribution model';
COMMENT ON COLUMN conversion_credits.touch_no IS 'Place of the touch in the path, from 1; 0 for a conversion without a touch';
COMMENT ON COLUMN conversion_credits.touch_time IS 'Event time of the touch';
COMMENT ON COLUMN conversion_credits.touch_event_id IS 'Event id of the touch';
COMMENT ON COLUMN conversion_credits.channel IS 'Channel of the touch';
COMMENT ON COLUMN conversion_credits.source IS 'Source of the touch';
COMMENT ON COLUMN conversion_credits.medium IS 'Medium of the touch';
COMMENT ON COLUMN conversion_credits.campaign IS 'Campaign of the touch';
COMMENT ON COLUMN conversion_credits.conversion_day IS 'Reporting day of the conversion';
COMMENT ON COLUMN conversion_credits.touch_day IS 'Reporting day of the touch; of the conversion when there is none';
COMMENT ON COLUMN conversion_credits.conversions IS 'Share of the conversion';
COMMENT ON COLUMN conversion_credits.gross_revenue IS 'Share of the value';
COMMENT ON COLUMN conversion_credits.refunds IS 'Share of the refunds';
COMMENT ON COLUMN conversion_credits.net_revenue IS 'gross_revenue - refunds';

-- A hit without origin is a touch only where nothing of its visit is earlier.
CREATE VIEW touches AS
SELECT d.site, t.visitor, t.session, t.ts AS touch_time, t.event_id,
	t.session_start AS visit_start,
	(t.ts AT TIME ZONE coalesce(s.timezone, 'UTC'))::date AS day,
	d.channel, d.source, d.medium, d.campaign,
	t.term, t.content, t.click_id, t.campaign_id, t.tagged
FROM touch t
JOIN dimension d USING (dim)
LEFT JOIN site s ON s.site = d.site
WHERE t.tagged OR NOT EXISTS (
	SELECT FROM touch e
	WHERE e.visitor = t.visitor AND e.session = t.session
		AND (e.ts, e.event_id) < (t.ts, t.event_id)
);
COMMENT ON VIEW touches IS 'Touchpoints: where visitors came from';
COMMENT ON COLUMN touches.site IS 'Site id';
COMMENT ON COLUMN touches.visitor IS 'Hash of site and visitor id';
COMMENT ON COLUMN touches.session IS 'Hash of the visit''s id';
COMMENT ON COLUMN touches.touch_time IS 'Event time of the touch';
COMMENT ON COLUMN touches.event_id IS 'Event id of the hit';
COMMENT ON COLUMN touches.visit_start IS 'When the visit began';
COMMENT ON COLUMN touches.day IS 'Reporting day of the touch';
COMMENT ON COLUMN touches.channel IS 'Channel';
COMMENT ON COLUMN touches.source IS 'Source; (direct) without any origin';
COMMENT ON COLUMN touches.medium IS 'Medium';
COMMENT ON COLUMN touches.campaign IS 'Campaign';
COMMENT ON COLUMN touches.term IS 'Campaign term';
COMMENT ON COLUMN touches.content IS 'Campaign content';
COMMENT ON COLUMN touches.click_id IS 'Click id with its parameter name';
COMMENT ON COLUMN touches.campaign_id IS 'Campaign id';
COMMENT ON COLUMN touches.tagged IS 'Whether the hit had campaign parameters, a click id or an external referrer';

CREATE VIEW conversions AS
SELECT o.site, o.event_id, o.customer, c.ts AS conversion_time, o.day, c.goal,
	c.order_id, c.lane, c.verified,
	(c.value_micros * 0.000001)::numeric(38,6) AS original_value,
	c.currency AS original_currency,
	(o.rate_micros * 0.000001)::numeric(38,6) AS rate, o.rate_day,
	(o.value_micros * 0.000001)::numeric(38,6) AS gross_revenue,
	(o.refunded_micros * 0.000001)::numeric(38,6) AS refunds,
	((o.value_micros - o.refunded_micros) * 0.000001)::numeric(38,6)
		AS net_revenue,
	o.purchase, o.new_customer,
	o.value_micros > 0 AND o.refunded_micros = o.value_micros AS retracted
FROM outcome o
JOIN conversion c ON c.site = o.site AND c.event_id = o.event_id
WHERE o.state = 0;
COMMENT ON VIEW conversions IS 'Conversions that count: one per order, with a value in the reporting currency';
COMMENT ON COLUMN conversions.site IS 'Site id';
COMMENT ON COLUMN conversions.event_id IS 'Event id';
COMMENT ON COLUMN conversions.customer IS 'Customer: hash of site and user id, else of site and visitor id';
COMMENT ON COLUMN conversions.conversion_time IS 'Event time';
COMMENT ON COLUMN conversions.day IS 'Reporting day';
COMMENT ON COLUMN conversions.goal IS 'Goal';
COMMENT ON COLUMN conversions.order_id IS 'Order id, if any';
COMMENT ON COLUMN conversions.lane IS 'Lane it came by';
COMMENT ON COLUMN conversions.verified IS 'Whether it came by a signed lane';
COMMENT ON COLUMN conversions.original_value IS 'Value as reported';
COMMENT ON COLUMN conversions.original_currency IS 'Currency of original_value';
COMMENT ON COLUMN conversions.rate IS 'Currency rate used; NULL when the currency is the site''s';
COMMENT ON COLUMN conversions.rate_day IS 'Date of the rate';
COMMENT ON COLUMN conversions.gross_revenue IS 'Value in the reporting currency';
COMMENT ON COLUMN conversions.refunds IS 'Refunds so far, at most the value';
COMMENT ON COLUMN conversions.net_revenue IS 'gross_revenue - refunds';
COMMENT ON COLUMN conversions.purchase IS 'Whether it counts as an order';
COMMENT ON COLUMN conversions.new_customer IS 'Whether it is the customer''s first purchase ever';
COMMENT ON COLUMN conversions.retracted IS 'Whether it was refunded in full';

CREATE VIEW waiting_conversions AS
SELECT o.site, o.event_id, c.ts AS conversion_time, o.day, c.goal, c.order_id,
	(c.value_micros * 0.000001)::numeric(38,6) AS original_value,
	c.currency AS original_currency, s.currency AS reporting_currency
FROM outcome o
JOIN conversion c ON c.site = o.site AND c.event_id = o.event_id
LEFT JOIN site s ON s.site = o.site
WHERE o.state = 2;
COMMENT ON VIEW waiting_conversions IS 'Conversions that count for nothing yet because no currency rate is known: import rates with afterclick import-fx';
COMMENT ON COLUMN waiting_conversions.site IS 'Site id';
COMMENT ON COLUMN waiting_conversions.event_id IS 'Event id';
COMMENT ON COLUMN waiting_conversions.conversion_time IS 'Event time';
COMMENT ON COLUMN waiting_conversions.day IS 'Reporting day';
COMMENT ON COLUMN waiting_conversions.goal IS 'Goal';
COMMENT ON COLUMN waiting_conversions.order_id IS 'Order id, if any';
COMMENT ON COLUMN waiting_conversions.original_value IS 'Value as reported';
COMMENT ON COLUMN waiting_conversions.original_currency IS 'Currency whose rate is missing';
COMMENT ON COLUMN waiting_conversions.reporting_currency IS 'Currency the rate must lead to';

CREATE VIEW waiting_costs AS
SELECT c.site, c.day, c.platform, c.account, c.source, c.medium, c.campaign,
	c.campaign_id, (c.amount_micros * 0.000001)::numeric(38,6) AS amount,
	c.currency, s.currency AS reporting_currency
FROM cost c
LEFT JOIN site s ON s.site = c.site
WHERE c.cost_micros IS NULL;
COMMENT ON VIEW waiting_costs IS 'Costs that count for nothing yet because no currency rate is known: import rates with afterclick import-fx';
COMMENT ON COLUMN waiting_costs.site IS 'Site id';
COMMENT ON COLUMN waiting_costs.day IS 'Day of the cost';
COMMENT ON COLUMN waiting_costs.platform IS 'Ad platform or generic';
COMMENT ON COLUMN waiting_costs.account IS 'Account on the platform';
COMMENT ON COLUMN waiting_costs.source IS 'Source';
COMMENT ON COLUMN waiting_costs.medium IS 'Medium';
COMMENT ON COLUMN waiting_costs.campaign IS 'Campaign';
COMMENT ON COLUMN waiting_costs.campaign_id IS 'Campaign id, empty if not given';
COMMENT ON COLUMN waiting_costs.amount IS 'Amount as reported';
COMMENT ON COLUMN waiting_costs.currency IS 'Currency whose rate is missing';
COMMENT ON COLUMN waiting_costs.reporting_currency IS 'Currency the rate must lead to';

CREATE VIEW waiting_refunds AS
SELECT r.site, r.refund_id, r.ts AS refund_time, r.order_id,
	(r.value_micros * 0.000001)::numeric(38,6) AS amount, r.currency,
	CASE WHEN c.currency IS NULL THEN 'no such order yet'
		ELSE 'currency differs from the order''s ' || c.currency
	END AS reason
FROM refund r
LEFT JOIN LATERAL (
	SELECT max(c.currency) AS currency, bool_or(c.currency = r.currency) AS fits
	FROM conversion c
	WHERE c.site = r.site AND c.dedup_key = r.order_id
) c ON true
WHERE c.fits IS NOT TRUE;
COMMENT ON VIEW waiting_refunds IS 'Refunds that count for nothing yet, with the reason';
COMMENT ON COLUMN waiting_refunds.site IS 'Site id';
COMMENT ON COLUMN waiting_refunds.refund_id IS 'Refund id';
COMMENT ON COLUMN waiting_refunds.refund_time IS 'Event time';
COMMENT ON COLUMN waiting_refunds.order_id IS 'Order that is refunded';
COMMENT ON COLUMN waiting_refunds.amount IS 'Amount as reported';
COMMENT ON COLUMN waiting_refunds.currency IS 'ISO 4217 code of the amount';
COMMENT ON COLUMN waiting_refunds.reason IS 'Why it waits';

-- Credits and cells are written together, so at any moment each of these
-- sums agrees; a row here is a bug or a hand in the tables.
CREATE VIEW roi_check AS
WITH share AS (
	SELECT c.customer, c.site, c.event_id, c.dim, c.conversion_day,
		c.touch_day, (x.place - 1)::smallint AS model_id,
		x.share, x.value, x.refund
	FROM credit c
	CROSS JOIN LATERAL
		unnest(c.share_micros, c.value_micros, c.refund_micros)
		WITH ORDINALITY AS x (share, value, refund, place)
), credited AS (
	SELECT b.basis, s.dim, s.model_id,
		CASE b.basis WHEN 0 THEN s.conversion_day ELSE s.touch_day END AS day,
		sum(s.share) AS conversions, sum(s.value) AS value,
		sum(s.refund) AS refund,
		coalesce(sum(s.share) FILTER (WHERE o.purchase), 0) AS orders,
		coalesce(sum(s.value) FILTER (WHERE o.purchase), 0) AS order_value,
		coalesce(sum(s.share) FILTER (WHERE o.new_customer), 0)
			AS new_customers
	FROM share s
	LEFT JOIN outcome o ON o.customer = s.customer AND o.site = s.site
		AND o.event_id = s.event_id
	CROSS JOIN (VALUES (0::smallint), (1::smallint)) b (basis)
	GROUP BY 1, 2, 3, 4
), cell_check AS (
	SELECT day, dim, basis, model_id, m.measure, m.expected, m.found
	FROM credited FULL JOIN campaign_daily d
		USING (day, dim, basis, model_id)
	CROSS JOIN LATERAL (VALUES
		('conversions', coalesce(conversions, 0),
			coalesce(conversions_micros, 0)::numeric),
		('value', coalesce(value, 0), coalesce(value_micros, 0)),
		('refunds', coalesce(refund, 0), coalesce(refund_micros, 0)),
		('orders', coalesce(orders, 0), coalesce(orders_micros, 0)),
		('order value', coalesce(order_value, 0),
			coalesce(order_value_micros, 0)),
		('new customers', coalesce(new_customers, 0),
			coalesce(new_customers_micros, 0))
	) m (measure, expected, found)
	WHERE m.expected <> m.found
), counted AS (
	SELECT customer, site, event_id, day, model_id,
		1000000::numeric AS conversions, value_micros AS value,
		refunded_micros AS refund
	FROM outcome o CROSS JOIN model m
	WHERE state = 0 AND (NOT m.trained OR EXISTS (
		SELECT FROM model_pin p
		WHERE p.site = o.site AND p.model_id = m.model_id
			AND p.from_day <= o.day))
), credit_check AS (
	SELECT site, event_id, day, model_id, m.measure, m.expected, m.found
	FROM counted
	FULL JOIN (
		SELECT customer, site, event_id, model_id,
			sum(share) AS got_share, sum(value) AS got_value,
			sum(refund) AS got_refund
		FROM share GROUP BY 1, 2, 3, 4
	) s USING (customer, site, event_id, model_id)
	CROSS JOIN LATERAL (VALUES
		('conversions', coalesce(conversions, 0), coalesce(got_share, 0)),
		('value', coalesce(value, 0), coalesce(got_value, 0)),
		('refunds', coalesce(refund, 0), coalesce(got_refund, 0))
	) m (measure, expected, found)
	WHERE m.expected <> m.found
), conversion_sum AS (
	SELECT site, day, model_id, sum(conversions) AS conversions,
		sum(value) AS value, sum(refund) AS refund
	FROM counted GROUP BY 1, 2, 3
), day_check AS (
	SELECT site, day, model_id, m.measure, m.expected, m.found
	FROM conversion_sum
	FULL JOIN (
		SELECT d.site, c.day, c.model_id,
			sum(c.conversions_micros) AS got_conversions,
			sum(c.value_micros) AS got_value,
			sum(c.refund_micros) AS got_refund
		FROM campaign_daily c JOIN dimension d USING (dim)
		WHERE c.basis = 0 GROUP BY 1, 2, 3
	) s USING (site, day, model_id)
	CROSS JOIN LATERAL (VALUES
		('conversions', coalesce(conversions, 0),
			coalesce(got_conversions, 0)),
		('value', coalesce(value, 0), coalesce(got_value, 0)),
		('refunds', coalesce(refund, 0), coalesce(got_refund, 0))
	) m (measure, expected, found)
	WHERE m.expected <> m.found
), booked_check AS (
	SELECT site, day, model_id, 'booked refunds' AS measure,
		coalesce(expected, 0) AS expected, coalesce(found, 0) AS found
	FROM (
		SELECT o.site, x.day, m.model_id, sum(x.micros) AS expected
		FROM outcome o
		CROSS JOIN LATERAL unnest(o.refund_days, o.refund_micros)
			AS x (day, micros)
		CROSS JOIN model m
		WHERE o.state = 0 AND (NOT m.trained OR EXISTS (
			SELECT FROM model_pin p
			WHERE p.site = o.site AND p.model_id = m.model_id
				AND p.from_day <= o.day))
		GROUP BY 1, 2, 3
	) e
	FULL JOIN (
		SELECT d.site, c.day, c.model_id,
			sum(c.booked_refund_micros) AS found
		FROM campaign_daily c JOIN dimension d USING (dim)
		WHERE c.basis = 0 GROUP BY 1, 2, 3
	) f USING (site, day, model_id)
	WHERE coalesce(expected, 0) <> coalesce(found, 0)
), problem AS (
	SELECT 'cell = sum of credits' AS rule, d.site, c.day,
		CASE c.basis WHEN 0 THEN 'conversion' ELSE 'touch' END AS date_basis,
		c.model_id, c.dim, NULL::text AS event_id, c.measure, c.expected,
		c.found
	FROM cell_check c LEFT JOIN dimension d USING (dim)
	UNION ALL
	SELECT 'credits = conversion', site, day, NULL, model_id, NULL, event_id,
		measure, expected, found FROM credit_check
	UNION ALL
	SELECT 'campaigns = conversions', site, day, 'conversion', model_id, NULL,
		NULL, measure, expected, found FROM day_check
	UNION ALL
	SELECT 'campaigns = refunds', site, day, 'conversion', model_id, NULL,
		NULL, measure, expected, found FROM booked_check
	UNION ALL
	SELECT 'refunds of a conversion = their sum', o.site, o.day, NULL, NULL,
		NULL, o.event_id, 'refunds', o.refunded_micros, x.micros
	FROM outcome o
	CROSS JOIN LATERAL (
		SELECT coalesce(sum(r), 0) AS micros FROM unnest(o.refund_micros) r
	) x
	WHERE o.state = 0 AND o.refunded_micros <> x.micros
)
SELECT p.rule, p.site, p.day, p.date_basis, m.model, d.source, d.medium,
	d.campaign, p.event_id, p.measure,
	(p.expected * 0.000001)::numeric(38,6) AS expected,
	(p.found * 0.000001)::numeric(38,6) AS found
FROM problem p
LEFT JOIN model m USING (model_id)
LEFT JOIN dimension d USING (dim);
COMMENT ON VIEW roi_check IS 'Sums that do not agree; empty when all is well';
COMMENT ON COLUMN roi_check.rule IS 'What should hold';
COMMENT ON COLUMN roi_check.site IS 'Site id';
COMMENT ON COLUMN roi_check.day IS 'Reporting day';
COMMENT ON COLUMN roi_check.date_basis IS 'conversion or touch: whose day it is';
COMMENT ON COLUMN roi_check.model IS 'Attribution model';
COMMENT ON COLUMN roi_check.source IS 'Source of the cell';
COMMENT ON COLUMN roi_check.medium IS 'Medium of the cell';
COMMENT ON COLUMN roi_check.campaign IS 'Campaign of the cell';
COMMENT ON COLUMN roi_check.event_id IS 'Event id of the conversion';
COMMENT ON COLUMN roi_check.measure IS 'Which number';
COMMENT ON COLUMN roi_check.expected IS 'What the finer table adds up to';
COMMENT ON COLUMN roi_check.found IS 'What stands there';
