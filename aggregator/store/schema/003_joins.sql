-- What joins a conversion without a visitor to a customer: the click id, the
-- hashed e-mail address and the hashed phone number that hits carried.

-- Who writes a touch with a click id, a hit that tells whose an address is, or
-- a conversion that names one locks the row first, so two writers see each
-- other and no customer is left unmarked.
CREATE TABLE handle (
	handle uuid PRIMARY KEY,
	wanted boolean NOT NULL,
	visitor uuid,
	visitor_ts timestamptz,
	visitor_event_id text COLLATE "C",
	user_key uuid,
	user_ts timestamptz,
	user_event_id text COLLATE "C"
);
CREATE INDEX handle_visitor ON handle (visitor) WHERE visitor IS NOT NULL;
CREATE INDEX handle_user ON handle (user_key) WHERE user_key IS NOT NULL;
COMMENT ON TABLE handle IS 'Click ids, hashed e-mail addresses and phone numbers, and whose they are';
COMMENT ON COLUMN handle.handle IS 'Hash of site and click id, e-mail address or phone number';
COMMENT ON COLUMN handle.wanted IS 'Whether a conversion without a visitor names it';
COMMENT ON COLUMN handle.visitor IS 'Of a click id the visitor of its earliest touch; else the visitor of the latest hit that carried it and named no user';
COMMENT ON COLUMN handle.visitor_ts IS 'Event time of that hit: of a click id the time of the click';
COMMENT ON COLUMN handle.visitor_event_id IS 'Event id of that hit';
COMMENT ON COLUMN handle.user_key IS 'User of the latest hit that carried it and named a user';
COMMENT ON COLUMN handle.user_ts IS 'Event time of that hit';
COMMENT ON COLUMN handle.user_event_id IS 'Event id of that hit';

-- The lowest rank is right. Users without a visitor come late: they have no
-- touches, and what else a conversion names may lead to some.
CREATE VIEW conversion_candidate AS
SELECT c.site, c.event_id, k.rank, k.customer
FROM conversion c
CROSS JOIN LATERAL (
	SELECT 0 AS rank, coalesce((SELECT i.user_key FROM identity i
		WHERE i.visitor = c.visitor), c.visitor) AS customer
	WHERE c.visitor IS NOT NULL
	UNION ALL
	SELECT n.rank + 1, coalesce((SELECT i.user_key FROM identity i
		WHERE i.visitor = h.visitor), h.visitor)
	FROM (VALUES (c.click_key, 0), (c.email_key, 3), (c.phone_key, 5))
		AS n (handle, rank)
	JOIN handle h ON h.handle = n.handle
	WHERE c.visitor IS NULL AND h.visitor IS NOT NULL
	UNION ALL
	SELECT CASE WHEN EXISTS (SELECT FROM identity i
		WHERE i.user_key = h.user_key) THEN n.rank ELSE n.rank + 6 END,
		h.user_key
	FROM (VALUES (c.email_key, 3), (c.phone_key, 5)) AS n (handle, rank)
	JOIN handle h ON h.handle = n.handle
	WHERE c.visitor IS NULL AND h.user_key IS NOT NULL
	UNION ALL
	SELECT CASE WHEN EXISTS (SELECT FROM identity i
		WHERE i.user_key = c.user_key) THEN 2 ELSE 8 END, c.user_key
	WHERE c.visitor IS NULL AND c.user_key IS NOT NULL
	UNION ALL
	SELECT n.rank, n.handle
	FROM (VALUES (c.email_key, 12), (c.phone_key, 13), (c.click_key, 14))
		AS n (handle, rank)
	WHERE c.visitor IS NULL AND n.handle IS NOT NULL
) k;
COMMENT ON VIEW conversion_candidate IS 'Customers that a conversion may belong to; the one of the lowest rank has it';
COMMENT ON COLUMN conversion_candidate.site IS 'Site id';
COMMENT ON COLUMN conversion_candidate.event_id IS 'Event id of the conversion';
COMMENT ON COLUMN conversion_candidate.rank IS '0 its visitor, 1 click id, 2 user, 3 and 4 e-mail address, 5 and 6 phone number; from 8 those without touches';
COMMENT ON COLUMN conversion_candidate.customer IS 'Customer';
