-- Before links change: the visitors themselves, their old and new users, and
-- whoever may have conversions that name one of these users: a user with
-- touches comes before others.
WITH changed AS MATERIALIZED (
	SELECT n.visitor, n.user_key, i.user_key AS old_user
	FROM unnest($1::uuid[], $2::uuid[]) AS n (visitor, user_key)
	LEFT JOIN identity i USING (visitor)
	WHERE i.user_key IS DISTINCT FROM n.user_key
), party AS MATERIALIZED (
	SELECT DISTINCT u.user_key
	FROM changed n
	CROSS JOIN LATERAL (VALUES (n.user_key), (n.old_user)) AS u (user_key)
	WHERE u.user_key IS NOT NULL
)
INSERT INTO dirty (customer)
SELECT visitor FROM changed
UNION SELECT user_key FROM party
UNION SELECT k.customer
FROM party p
CROSS JOIN LATERAL (
	SELECT c.site, c.event_id FROM conversion c
	WHERE c.user_key = p.user_key AND c.visitor IS NULL
	UNION
	SELECT c.site, c.event_id
	FROM handle h
	JOIN conversion c ON c.email_key = h.handle
	WHERE h.user_key = p.user_key AND h.wanted
	UNION
	SELECT c.site, c.event_id
	FROM handle h
	JOIN conversion c ON c.phone_key = h.handle
	WHERE h.user_key = p.user_key AND h.wanted
	OFFSET 0
) c
CROSS JOIN LATERAL (
	SELECT k.customer FROM conversion_candidate k
	WHERE k.site = c.site AND k.event_id = c.event_id
	OFFSET 0
) k
ORDER BY 1
-- A mark that is there already is locked, not passed over: else who attributes
-- the customer now would take it away without seeing what we are writing.
ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer WHERE false
