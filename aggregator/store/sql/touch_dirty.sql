-- Customers whose touches changed and who may have conversions: a linked
-- visitor always (its customer's conversions may be on their way in another
-- partition), another only when it has converted, or when a conversion names
-- its click id or address: the lock waits for who is writing such a one.
WITH named AS MATERIALIZED (
	SELECT h.visitor, h.wanted
	FROM unnest($1::uuid[]) AS v (visitor)
	JOIN handle h ON h.visitor = v.visitor
	FOR SHARE OF h
)
INSERT INTO dirty (customer)
SELECT DISTINCT coalesce(i.user_key, v.visitor)
FROM unnest($1::uuid[]) AS v (visitor)
LEFT JOIN identity i USING (visitor)
WHERE i.user_key IS NOT NULL
	OR EXISTS (SELECT FROM conversion c WHERE c.visitor = v.visitor)
	OR EXISTS (SELECT FROM named n
		WHERE n.visitor = v.visitor AND n.wanted)
ORDER BY 1
-- A mark that is there already is locked, not passed over: else who attributes
-- the customer now would take it away without seeing what we are writing.
ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer WHERE false
