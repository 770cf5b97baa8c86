-- Of two refunds with one id the earlier one stays.
INSERT INTO refund (site, refund_id, order_id, ts, event_id, value_micros,
	currency)
SELECT site, refund_id, order_id, ts, event_id, value_micros, currency
FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[],
	$5::text[], $6::bigint[], $7::text[])
	AS n (site, refund_id, order_id, ts, event_id, value_micros, currency)
ORDER BY site, refund_id
ON CONFLICT (site, refund_id) DO UPDATE
SET order_id = excluded.order_id, ts = excluded.ts,
	event_id = excluded.event_id, value_micros = excluded.value_micros,
	currency = excluded.currency
WHERE (excluded.ts, excluded.event_id) < (refund.ts, refund.event_id)
