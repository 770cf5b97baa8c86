-- All customers that some conversions may belong to, by event id, by order or
-- by handle, before and after a change: who loses one is marked like who gains
-- it.
INSERT INTO dirty (customer)
SELECT DISTINCT k.customer
FROM (
	SELECT site, event_id
	FROM unnest($1::text[], $2::text[]) AS n (site, event_id)
	UNION ALL
	SELECT c.site, c.event_id
	FROM unnest($3::text[], $4::text[]) AS n (site, dedup_key)
	JOIN conversion c USING (site, dedup_key)
	UNION ALL
	SELECT c.site, c.event_id
	FROM unnest($5::uuid[]) AS n (handle)
	JOIN handle h ON h.handle = n.handle AND h.wanted
	CROSS JOIN LATERAL (
		SELECT site, event_id FROM conversion
			WHERE click_key = h.handle
		UNION ALL SELECT site, event_id FROM conversion
			WHERE email_key = h.handle
		UNION ALL SELECT site, event_id FROM conversion
			WHERE phone_key = h.handle
	) c
) n
CROSS JOIN LATERAL (
	SELECT k.customer FROM conversion_candidate k
	WHERE k.site = n.site AND k.event_id = n.event_id
	OFFSET 0
) k
ORDER BY 1
-- A mark that is there already is locked, not passed over: else who attributes
-- the customer now would take it away without seeing what we are writing.
ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer WHERE false
