-- orders of a file into shop_order; of several lines the first with an amount
-- $1 site, $2 file, $3 refused rows. Gives orders, lines of items, first and
-- last day.
WITH orders AS (
	SELECT DISTINCT ON (order_id) order_id, day, ordered_at,
		amount_micros, currency, cancelled
	FROM order_stage WHERE amount_micros IS NOT NULL
	ORDER BY order_id, line
), reading AS (
	INSERT INTO order_file (site, file, orders, refused, first_day,
		last_day)
	SELECT $1, $2, count(*), $3, min(day), max(day) FROM orders
	RETURNING file_id, orders, first_day, last_day
), merged AS (
	INSERT INTO shop_order (site, order_id, day, ordered_at,
		amount_micros, currency, cancelled, file_id)
	SELECT $1, coalesce((SELECT k.dedup_key FROM order_key k
			WHERE k.site = $1
				AND k.dedup_key = order_hash($1, o.order_id)),
			o.order_id), o.day, o.ordered_at, o.amount_micros,
		o.currency, o.cancelled, r.file_id
	FROM orders o CROSS JOIN reading r
	ON CONFLICT (site, order_id) DO UPDATE
	SET day = excluded.day, ordered_at = excluded.ordered_at,
		amount_micros = excluded.amount_micros,
		currency = excluded.currency, cancelled = excluded.cancelled,
		file_id = excluded.file_id
)
SELECT r.orders, (SELECT count(*) FROM order_stage) - r.orders, r.first_day,
	r.last_day
FROM reading r
