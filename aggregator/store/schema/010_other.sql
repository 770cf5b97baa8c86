-- Campaigns beyond the first N of a site, day and channel add up to (other).
-- Which ones is a function of the day's counts, found anew when they change:
-- nothing is thrown away, so the order of arrival leaves no trace.

CREATE TABLE daily_other (
	day date,
	dim integer,
	other_dim integer NOT NULL,
	PRIMARY KEY (day, dim)
);
COMMENT ON TABLE daily_other IS 'Campaigns that are shown as (other) on a day that has too many';
COMMENT ON COLUMN daily_other.day IS 'Reporting day';
COMMENT ON COLUMN daily_other.dim IS 'Site, source, medium, campaign and channel';
COMMENT ON COLUMN daily_other.other_dim IS 'What it is shown as: (other) of its channel';

CREATE TABLE registered_campaign (
	campaign text COLLATE "C" PRIMARY KEY
);
COMMENT ON TABLE registered_campaign IS 'Names that campaigns.yaml gives: never shown as (other), like campaigns with costs';
COMMENT ON COLUMN registered_campaign.campaign IS 'Campaign, normalised';

CREATE OR REPLACE VIEW campaign_roi_daily AS
WITH pinned AS (
	SELECT d.dim, p.model_id, min(p.from_day) AS from_day
	FROM model_pin p JOIN dimension d USING (site)
	GROUP BY 1, 2
), cell AS (
	SELECT c.day, coalesce(o.other_dim, c.dim) AS dim, basis, model_id,
		conversions_micros AS conversions, orders_micros AS orders,
		order_value_micros AS order_value,
		new_customers_micros AS new_customers,
		value_micros AS value, refund_micros AS refund,
		booked_refund_micros AS booked_refund,
		0::bigint AS visits, 0::bigint AS touches,
		NULL::bigint AS impressions, NULL::bigint AS clicks,
		0::bigint AS cost, 0 AS waiting, revision
	FROM campaign_daily c
	LEFT JOIN daily_other o ON o.day = c.day AND o.dim = c.dim
	UNION ALL
	SELECT t.day, coalesce(o.other_dim, t.dim), b.basis, m.model_id, 0, 0, 0, 0, 0, 0, 0,
		t.visits, t.touches, NULL, NULL, 0, 0, t.revision
	FROM traffic_daily t
	LEFT JOIN daily_other o ON o.day = t.day AND o.dim = t.dim
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
