-- orders that a later line gives another amount: line, first line
SELECT s.line, f.line
FROM order_stage s
JOIN (
	SELECT DISTINCT ON (order_id) order_id, line, amount_micros, currency
	FROM order_stage WHERE amount_micros IS NOT NULL
	ORDER BY order_id, line
) f USING (order_id)
WHERE s.line > f.line AND s.amount_micros IS NOT NULL
	AND (s.amount_micros, s.currency) <> (f.amount_micros, f.currency)
ORDER BY s.line
