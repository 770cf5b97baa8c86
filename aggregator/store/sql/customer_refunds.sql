-- Refunds of some orders.
SELECT n.i::int, r.ts, r.refund_id, r.value_micros, r.currency
FROM unnest($1::text[], $2::text[])
	WITH ORDINALITY AS n (site, order_id, i)
JOIN refund r USING (site, order_id)
ORDER BY n.i, r.ts, r.refund_id
