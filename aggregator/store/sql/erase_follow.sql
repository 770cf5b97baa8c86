-- One step from what is known of each subject to what belongs to it: a
-- visitor's user and a user's visitors (of each the latest link), their
-- addresses and click ids, and whose these are; their conversions and orders.
-- A conversion leads on to a customer only where a request named the order or
-- the address; its user goes before its visitor, who may be a shared device.
WITH party AS (
	SELECT s.request, 2 AS kind, i.user_key AS key
	FROM subject s JOIN identity i ON i.visitor = s.key
	WHERE s.kind = 1
	UNION SELECT s.request, 1, i.visitor
	FROM subject s JOIN identity i ON i.user_key = s.key
	WHERE s.kind = 2
	UNION SELECT s.request, 5, h.handle
	FROM subject s JOIN handle h ON h.visitor = s.key
	WHERE s.kind = 1
	UNION SELECT s.request, 5, h.handle
	FROM subject s JOIN handle h ON h.user_key = s.key
	WHERE s.kind = 2
	UNION SELECT s.request, 2, h.user_key
	FROM subject s JOIN handle h ON h.handle = s.key
	WHERE s.kind = 5 AND h.user_key IS NOT NULL
	UNION SELECT s.request, 1, h.visitor
	FROM subject s JOIN handle h ON h.handle = s.key
	WHERE s.kind = 5 AND h.user_key IS NULL AND h.visitor IS NOT NULL
	UNION SELECT e.request, k.kind, k.key
	FROM subject_event e
	JOIN conversion c USING (site, event_id)
	CROSS JOIN LATERAL (
		SELECT 2 AS kind, c.user_key AS key
		WHERE c.user_key IS NOT NULL
		UNION ALL SELECT 1, c.visitor
		WHERE c.user_key IS NULL AND c.visitor IS NOT NULL
		UNION ALL SELECT 5, n.handle
		FROM (VALUES (c.click_key), (c.email_key), (c.phone_key))
			AS n (handle)
		WHERE n.handle IS NOT NULL
	) k
	WHERE e.follow
), add_party AS (
	INSERT INTO subject (request, kind, key) SELECT * FROM party
	ON CONFLICT DO NOTHING RETURNING 1
), add_event AS (
	INSERT INTO subject_event (request, site, event_id, follow)
	SELECT request, site, event_id, bool_or(follow)
	FROM (
		SELECT s.request, c.site, c.event_id, false AS follow
		FROM subject s JOIN conversion c ON c.visitor = s.key
		WHERE s.kind = 1
		UNION ALL SELECT s.request, c.site, c.event_id, false
		FROM subject s JOIN conversion c ON c.user_key = s.key
		WHERE s.kind = 2
		UNION ALL SELECT s.request, c.site, c.event_id, false
		FROM subject s JOIN conversion c ON c.click_key = s.key
		WHERE s.kind = 5
		UNION ALL SELECT s.request, c.site, c.event_id, false
		FROM subject s JOIN conversion c ON c.email_key = s.key
		WHERE s.kind = 5
		UNION ALL SELECT s.request, c.site, c.event_id, false
		FROM subject s JOIN conversion c ON c.phone_key = s.key
		WHERE s.kind = 5
		UNION ALL SELECT o.request, c.site, c.event_id, o.follow
		FROM subject_order o
		JOIN conversion c ON c.site = o.site
			AND c.dedup_key = o.order_id
	) e
	GROUP BY 1, 2, 3
	ON CONFLICT DO NOTHING RETURNING 1
), add_order AS (
	INSERT INTO subject_order (request, site, order_id, follow)
	SELECT DISTINCT e.request, c.site, c.order_id, false
	FROM subject_event e
	JOIN conversion c USING (site, event_id)
	WHERE c.order_id IS NOT NULL
	ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM add_party) + (SELECT count(*) FROM add_event)
	+ (SELECT count(*) FROM add_order) AS found
