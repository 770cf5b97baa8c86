-- Changes of daily cells; the caller sorts, against deadlocks. What changes
-- on a final day (see the view day_status) is logged with its reason, told
-- by what the batch does to the sums of the day and model: conversions that
-- come or go, else refunds, else values; else credit only moved.
WITH n AS (
	SELECT *
	FROM unnest($1::date[], $2::int[], $3::int[], $4::int[], $5::bigint[],
		$6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
		$10::bigint[], $11::bigint[])
		AS n (day, dim, basis, model_id, conversions, orders,
		order_value, new_customers, value, refund, booked_refund)
), changed AS (
	INSERT INTO campaign_daily AS c (day, dim, basis, model_id,
		conversions_micros, orders_micros, order_value_micros,
		new_customers_micros, value_micros, refund_micros,
		booked_refund_micros)
	SELECT day, dim, basis, model_id, conversions, orders, order_value,
		new_customers, value, refund, booked_refund
	FROM n
	ON CONFLICT (day, dim, basis, model_id) DO UPDATE
	SET conversions_micros =
			c.conversions_micros + excluded.conversions_micros,
		orders_micros = c.orders_micros + excluded.orders_micros,
		order_value_micros =
			c.order_value_micros + excluded.order_value_micros,
		new_customers_micros =
			c.new_customers_micros + excluded.new_customers_micros,
		value_micros = c.value_micros + excluded.value_micros,
		refund_micros = c.refund_micros + excluded.refund_micros,
		booked_refund_micros =
			c.booked_refund_micros + excluded.booked_refund_micros,
		revision = c.revision + 1, updated_at = now()
	RETURNING day, dim, basis, model_id, conversions_micros, value_micros,
		refund_micros
), old AS (
	SELECT n.*, d.site, sum(n.conversions) OVER w AS day_conversions,
		sum(n.refund) OVER w AS day_refund,
		sum(n.value) OVER w AS day_value
	FROM n
	JOIN dimension d USING (dim)
	WHERE n.day < current_date - 34
	WINDOW w AS (PARTITION BY d.site, n.day, n.basis, n.model_id)
), passed AS (
	SELECT CASE WHEN NOT bool_or(watermark IS NULL) THEN min(watermark) END
		AS watermark
	FROM position
)
INSERT INTO restatement AS r (restated_on, day, dim, basis, model_id, reason,
	old_conversions_micros, new_conversions_micros,
	old_value_micros, new_value_micros, old_refund_micros,
	new_refund_micros)
SELECT (now() AT TIME ZONE 'UTC')::date, o.day, o.dim, o.basis, o.model_id,
	CASE WHEN day_conversions <> 0 THEN 'conversion'
	WHEN day_refund <> 0 THEN 'refund'
	WHEN day_value <> 0 THEN 'value'
	ELSE 'credit' END,
	c.conversions_micros - o.conversions, c.conversions_micros,
	c.value_micros - o.value, c.value_micros,
	c.refund_micros - o.refund, c.refund_micros
FROM old o
JOIN changed c USING (day, dim, basis, model_id)
JOIN site s ON s.site = o.site
JOIN passed p ON p.watermark >= ((o.day + 1)::timestamp
	AT TIME ZONE s.timezone) + interval '840 hours'
WHERE o.conversions <> 0 OR o.value <> 0 OR o.refund <> 0
ORDER BY o.day, o.dim, o.basis, o.model_id
ON CONFLICT (restated_on, day, dim, basis, model_id, reason) DO UPDATE
SET changes = r.changes + 1,
	new_conversions_micros = excluded.new_conversions_micros,
	new_value_micros = excluded.new_value_micros,
	new_refund_micros = excluded.new_refund_micros,
	last_at = now()
