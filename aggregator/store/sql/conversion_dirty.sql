-- Customers of conversions, by event id or by order, before and after a
-- change: who loses one is marked like who gains it.
INSERT INTO dirty (customer)
SELECT DISTINCT coalesce(i.user_key, c.visitor, c.user_key)
FROM (
	SELECT c.user_key, c.visitor
	FROM unnest($1::text[], $2::text[]) AS n (site, event_id)
	JOIN conversion c USING (site, event_id)
	UNION ALL
	SELECT c.user_key, c.visitor
	FROM unnest($3::text[], $4::text[]) AS n (site, dedup_key)
	JOIN conversion c USING (site, dedup_key)
) c
LEFT JOIN identity i ON i.visitor = c.visitor
ORDER BY 1
-- A mark that is there already is locked, not passed over: else who attributes
-- the customer now would take it away without seeing what we are writing.
ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer WHERE false
