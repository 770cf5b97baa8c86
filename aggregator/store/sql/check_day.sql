-- The view roi_check of one day: how many sums disagree, by rule, and one of
-- them. One statement, so credits and cells are of one moment. $1 the day
WITH own AS MATERIALIZED (
	SELECT customer, site, event_id, dim, conversion_day, touch_day,
		share_micros, value_micros, refund_micros
	FROM credit WHERE conversion_day = $1::date
	UNION ALL
	SELECT customer, site, event_id, dim, conversion_day, touch_day,
		share_micros, value_micros, refund_micros
	FROM credit WHERE touch_day = $1::date AND conversion_day <> $1::date
), share AS MATERIALIZED (
	SELECT c.customer, c.site, c.event_id, c.dim, c.conversion_day,
		c.touch_day, (x.place - 1)::smallint AS model_id, x.share,
		x.value, x.refund, o.purchase, o.new_customer
	FROM own c
	LEFT JOIN outcome o ON o.customer = c.customer AND o.site = c.site
		AND o.event_id = c.event_id
	CROSS JOIN LATERAL
		unnest(c.share_micros, c.value_micros, c.refund_micros)
		WITH ORDINALITY AS x (share, value, refund, place)
), credited AS (
	SELECT b.basis, s.dim, s.model_id, sum(s.share) AS conversions,
		sum(s.value) AS value, sum(s.refund) AS refund,
		coalesce(sum(s.share) FILTER (WHERE purchase), 0) AS orders,
		coalesce(sum(s.value) FILTER (WHERE purchase), 0)
			AS order_value,
		coalesce(sum(s.share) FILTER (WHERE new_customer), 0)
			AS new_customers
	FROM share s
	CROSS JOIN (VALUES (0::smallint), (1::smallint)) b (basis)
	WHERE CASE b.basis WHEN 0 THEN s.conversion_day ELSE s.touch_day END
		= $1::date
	GROUP BY 1, 2, 3
), counted AS MATERIALIZED (
	SELECT o.customer, o.site, o.event_id, m.model_id, o.value_micros,
		o.refunded_micros
	FROM outcome o CROSS JOIN model m
	WHERE o.day = $1::date AND o.state = 0 AND (NOT m.trained OR EXISTS (
		SELECT FROM model_pin p
		WHERE p.site = o.site AND p.model_id = m.model_id
			AND p.from_day <= o.day))
), booked AS (
	SELECT o.site, m.model_id, sum(x.micros) AS micros
	FROM outcome o
	CROSS JOIN LATERAL unnest(o.refund_days, o.refund_micros)
		AS x (day, micros)
	CROSS JOIN model m
	WHERE o.refund_days @> ARRAY[$1::date] AND o.refunded_micros > 0
		AND x.day = $1::date AND o.state = 0
		AND (NOT m.trained OR EXISTS (
			SELECT FROM model_pin p
			WHERE p.site = o.site AND p.model_id = m.model_id
				AND p.from_day <= o.day))
	GROUP BY 1, 2
), cell AS MATERIALIZED (
	SELECT c.*, d.site FROM campaign_daily c JOIN dimension d USING (dim)
	WHERE c.day = $1::date
), problem AS (
	SELECT 'cells' AS rule, dim::text AS place
	FROM credited FULL JOIN cell USING (basis, dim, model_id)
	WHERE (coalesce(conversions, 0), coalesce(value, 0),
		coalesce(refund, 0), coalesce(orders, 0),
		coalesce(order_value, 0), coalesce(new_customers, 0))
		<> (coalesce(conversions_micros, 0), coalesce(value_micros, 0),
		coalesce(refund_micros, 0), coalesce(orders_micros, 0),
		coalesce(order_value_micros, 0),
		coalesce(new_customers_micros, 0))
	UNION ALL
	SELECT 'credits', event_id
	FROM counted
	FULL JOIN (
		SELECT customer, site, event_id, model_id, sum(share) AS share,
			sum(value) AS value, sum(refund) AS refund
		FROM share WHERE conversion_day = $1::date GROUP BY 1, 2, 3, 4
	) s USING (customer, site, event_id, model_id)
	WHERE (CASE WHEN value_micros IS NULL THEN 0 ELSE 1000000 END,
		coalesce(value_micros, 0), coalesce(refunded_micros, 0))
		<> (coalesce(s.share, 0), coalesce(s.value, 0),
		coalesce(s.refund, 0))
	UNION ALL
	SELECT 'days', site
	FROM (
		SELECT site, model_id, 1000000 * count(*) AS conversions,
			sum(value_micros) AS value, sum(refunded_micros) AS refund
		FROM counted GROUP BY 1, 2
	) e
	FULL JOIN (
		SELECT site, model_id, sum(conversions_micros) AS conversions,
			sum(value_micros) AS value, sum(refund_micros) AS refund
		FROM cell WHERE basis = 0 GROUP BY 1, 2
	) f USING (site, model_id)
	WHERE (coalesce(e.conversions, 0), coalesce(e.value, 0),
		coalesce(e.refund, 0))
		<> (coalesce(f.conversions, 0), coalesce(f.value, 0),
		coalesce(f.refund, 0))
	UNION ALL
	SELECT 'refunds', site
	FROM booked
	FULL JOIN (
		SELECT site, model_id, sum(booked_refund_micros) AS found
		FROM cell WHERE basis = 0 GROUP BY 1, 2
	) f USING (site, model_id)
	WHERE coalesce(micros, 0) <> coalesce(found, 0)
	UNION ALL
	SELECT 'refunds', o.event_id
	FROM outcome o
	WHERE o.day = $1::date AND o.state = 0 AND o.refunded_micros <> (
		SELECT coalesce(sum(r), 0) FROM unnest(o.refund_micros) r)
)
SELECT count(*) FILTER (WHERE rule = 'cells') AS cells,
	count(*) FILTER (WHERE rule = 'credits') AS credits,
	count(*) FILTER (WHERE rule = 'days') AS days,
	count(*) FILTER (WHERE rule = 'refunds') AS refunds
FROM problem WHERE $1::date >= checked_since()
