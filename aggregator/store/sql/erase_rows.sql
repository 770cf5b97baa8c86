-- All rows of all subjects. What adds up to daily numbers stays, without
-- anything that leads to who it was: conversions on the first moment of their
-- day, under a number and names of their own.
INSERT INTO erased_traffic AS e (day, dim, visits, touches)
SELECT day, dim, sum(visits), sum(touches)
FROM (
	SELECT (t.ts AT TIME ZONE t.zone)::date AS day, t.dim, 0 AS visits,
		1 AS touches, t.signature, t.place
	FROM (
		SELECT t.ts, t.signature, t.dim,
			coalesce(s.timezone, 'UTC') AS zone,
			row_number() OVER (PARTITION BY t.visitor, t.session
				ORDER BY t.ts, t.event_id) AS place
		FROM (SELECT DISTINCT key FROM subject WHERE kind = 1) k
		JOIN touch t ON t.visitor = k.key
		JOIN dimension d USING (dim)
		LEFT JOIN site s ON s.site = d.site
	) t
	WHERE t.signature <> 0 OR t.place = 1
	UNION ALL
	SELECT (t.session_start AT TIME ZONE t.zone)::date, t.dim, 1, 0, 0, 0
	FROM (
		SELECT DISTINCT ON (t.visitor, t.session) t.session_start,
			t.dim, coalesce(s.timezone, 'UTC') AS zone
		FROM (SELECT DISTINCT key FROM subject WHERE kind = 1) k
		JOIN touch t ON t.visitor = k.key
		JOIN dimension d USING (dim)
		LEFT JOIN site s ON s.site = d.site
		ORDER BY t.visitor, t.session, t.ts, t.event_id
	) t
	WHERE t.session_start IS NOT NULL
) t
GROUP BY day, dim
ON CONFLICT (day, dim) DO UPDATE
SET visits = e.visits + excluded.visits,
	touches = e.touches + excluded.touches;
DELETE FROM touch WHERE visitor IN (SELECT key FROM subject WHERE kind = 1);

DELETE FROM export_receipt r USING subject_alias a, conversion c
WHERE c.site = a.site AND c.event_id = a.event_id AND r.site = c.site
	AND r.goal = c.goal AND r.transaction_id IN (c.order_id, c.event_id);
INSERT INTO erased_customer
SELECT customer FROM subject_alias WHERE stands;
-- After a restore the same event may be there under its new name already.
UPDATE subject_alias a SET alias = a.alias || '.' || a.customer
FROM conversion c WHERE c.site = a.site AND c.event_id = a.alias;
DELETE FROM refund r USING subject_refund f, refund known
WHERE r.site = f.site AND r.refund_id = f.refund_id
	AND known.site = f.site AND known.refund_id = f.alias;
DELETE FROM shop_order o USING subject_shop f, shop_order known
WHERE o.site = f.site AND o.order_id = f.order_id
	AND known.site = f.site AND known.order_id = f.alias;
UPDATE credit k
SET customer = a.customer, event_id = a.alias, touch_ts = NULL,
	touch_event_id = NULL
FROM subject_alias a
WHERE k.site = a.site AND k.event_id = a.event_id;
DELETE FROM outcome o USING subject_alias a
WHERE o.site = a.site AND o.event_id = a.event_id AND NOT a.stands;
UPDATE outcome o SET customer = a.customer, event_id = a.alias
FROM subject_alias a
WHERE o.site = a.site AND o.event_id = a.event_id;
UPDATE conversion c
SET event_id = a.alias, visitor = a.customer, user_key = NULL,
	ts = date_trunc('day', c.ts, coalesce(s.timezone, 'UTC')),
	order_id = a.order_alias, dedup_key = a.order_alias, click_id = NULL,
	email_sha256 = NULL, phone_sha256 = NULL, email_google_sha256 = NULL,
	phone_digits_sha256 = NULL, consent = 'dddd', page_url = NULL,
	user_agent = NULL, click_key = NULL, email_key = NULL, phone_key = NULL
FROM subject_alias a
LEFT JOIN site s ON s.site = a.site
WHERE c.site = a.site AND c.event_id = a.event_id;
-- Those that waited for a rate are nobody's when it comes.
INSERT INTO dirty SELECT customer FROM subject_alias WHERE NOT stands;
UPDATE refund r
SET refund_id = f.alias, order_id = f.order_alias, event_id = f.event_alias,
	ts = date_trunc('day', r.ts, coalesce(s.timezone, 'UTC'))
FROM subject_refund f
LEFT JOIN site s ON s.site = f.site
WHERE r.site = f.site AND r.refund_id = f.refund_id;
DELETE FROM order_key k USING subject_order o
WHERE k.site = o.site AND k.dedup_key = o.order_id;
UPDATE shop_order o SET order_id = f.alias
FROM subject_shop f
WHERE o.site = f.site AND o.order_id = f.order_id;

DELETE FROM identity WHERE visitor IN (SELECT key FROM subject WHERE kind = 1);
DELETE FROM identity WHERE user_key IN (SELECT key FROM subject WHERE kind = 2);
DELETE FROM handle WHERE handle IN (SELECT key FROM subject WHERE kind = 5);
DELETE FROM handle WHERE visitor IN (SELECT key FROM subject WHERE kind = 1);
DELETE FROM handle WHERE user_key IN (SELECT key FROM subject WHERE kind = 2);
DELETE FROM dirty WHERE customer IN (SELECT key FROM subject);
DELETE FROM exposure WHERE visitor IN (SELECT key FROM subject);
WITH seen AS (
	UPDATE experiment_customer SET customer = gen_random_uuid()
	WHERE customer IN (SELECT key FROM subject)
	RETURNING customer
)
INSERT INTO erased_customer SELECT customer FROM seen
