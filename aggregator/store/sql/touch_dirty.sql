-- Customers whose touches changed and who may have conversions: a linked
-- visitor always (its customer's conversions may be on their way in another
-- partition), another only when it has converted.
INSERT INTO dirty (customer)
SELECT DISTINCT coalesce(i.user_key, v.visitor)
FROM unnest($1::uuid[]) AS v (visitor)
LEFT JOIN identity i USING (visitor)
WHERE i.user_key IS NOT NULL
	OR EXISTS (SELECT FROM conversion c WHERE c.visitor = v.visitor)
ORDER BY 1
-- A mark that is there already is locked, not passed over: else who attributes
-- the customer now would take it away without seeing what we are writing.
ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer WHERE false
