-- Changes of daily cells; the caller sorts, against deadlocks.
INSERT INTO campaign_daily (day, dim, basis, model_id, conversions_micros,
	orders_micros, order_value_micros, new_customers_micros, value_micros,
	refund_micros, booked_refund_micros)
SELECT day, dim, basis, model_id, conversions, orders, order_value,
	new_customers, value, refund, booked_refund
FROM unnest($1::date[], $2::int[], $3::int[], $4::int[], $5::bigint[],
	$6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
	$10::bigint[], $11::bigint[])
	AS n (day, dim, basis, model_id, conversions, orders, order_value,
	new_customers, value, refund, booked_refund)
ON CONFLICT (day, dim, basis, model_id) DO UPDATE
SET conversions_micros =
		campaign_daily.conversions_micros + excluded.conversions_micros,
	orders_micros = campaign_daily.orders_micros + excluded.orders_micros,
	order_value_micros =
		campaign_daily.order_value_micros + excluded.order_value_micros,
	new_customers_micros = campaign_daily.new_customers_micros
		+ excluded.new_customers_micros,
	value_micros = campaign_daily.value_micros + excluded.value_micros,
	refund_micros = campaign_daily.refund_micros + excluded.refund_micros,
	booked_refund_micros = campaign_daily.booked_refund_micros
		+ excluded.booked_refund_micros,
	revision = campaign_daily.revision + 1, updated_at = now()
