-- The conversions of all subjects: what is needed to name them anew, and the
-- addresses they name where nobody else is said to be meant.
SELECT c.site, c.event_id, c.order_id,
	(SELECT min(o.state) FROM outcome o
		WHERE o.site = c.site AND o.event_id = c.event_id) IN (0, 1)
		AS stands,
	c.user_key IS NULL OR EXISTS (SELECT FROM subject s
		WHERE s.kind = 2 AND s.key = c.user_key) AS own,
	c.click_id, c.email_sha256, c.email_google_sha256, c.phone_sha256,
	c.phone_digits_sha256
FROM (SELECT DISTINCT site, event_id FROM subject_event) e
JOIN conversion c USING (site, event_id)
WHERE NOT EXISTS (SELECT FROM erased_customer k WHERE k.customer = c.visitor)
