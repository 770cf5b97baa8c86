-- customers whose conversions a changed rate may concern
-- $1 first day, $2 last day of the rates
INSERT INTO dirty (customer)
SELECT DISTINCT o.customer
FROM conversion v
JOIN outcome o ON o.site = v.site AND o.event_id = v.event_id
JOIN site s ON s.site = v.site
WHERE v.currency IN (SELECT currency FROM fx_stage) AND v.currency <> s.currency
	AND o.day BETWEEN $1::date AND $2::date + 7
ORDER BY o.customer
-- A mark that is there already is locked, not passed over: else who attributes
-- the customer now would take it away without seeing what we are writing.
ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer WHERE false
