-- Before links change: the visitors themselves, their old and new users.
INSERT INTO dirty (customer)
SELECT DISTINCT c.customer
FROM unnest($1::uuid[], $2::uuid[]) AS n (visitor, user_key)
LEFT JOIN identity i USING (visitor)
CROSS JOIN LATERAL (VALUES (n.visitor), (n.user_key), (i.user_key))
	AS c (customer)
WHERE c.customer IS NOT NULL AND i.user_key IS DISTINCT FROM n.user_key
ORDER BY 1
-- A mark that is there already is locked, not passed over: else who attributes
-- the customer now would take it away without seeing what we are writing.
ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer WHERE false
