-- gather orders
COPY order_stage (line, order_id, day, ordered_at, amount_micros, currency,
	cancelled)
FROM STDIN (FORMAT binary)
