-- What there is of each request ($1 of them).
SELECT n.request::int,
	(SELECT count(*) FROM subject s
		WHERE s.request = n.request AND s.kind = 1 AND (EXISTS (
		SELECT FROM touch t WHERE t.visitor = s.key) OR EXISTS (
		SELECT FROM conversion c WHERE c.visitor = s.key) OR EXISTS (
		SELECT FROM identity i WHERE i.visitor = s.key) OR EXISTS (
		SELECT FROM exposure x WHERE x.visitor = s.key))) AS visitors,
	(SELECT count(*) FROM subject s
		WHERE s.request = n.request AND s.kind = 2 AND (EXISTS (
		SELECT FROM identity i WHERE i.user_key = s.key) OR EXISTS (
		SELECT FROM conversion c WHERE c.user_key = s.key) OR EXISTS (
		SELECT FROM handle h WHERE h.user_key = s.key))) AS users,
	(SELECT count(*) FROM subject s JOIN handle h ON h.handle = s.key
		WHERE s.request = n.request AND s.kind = 5) AS addresses,
	(SELECT count(*) FROM subject_order o
		WHERE o.request = n.request AND (EXISTS (
		SELECT FROM conversion c WHERE c.site = o.site
			AND c.dedup_key = o.order_id) OR EXISTS (
		SELECT FROM refund r WHERE r.site = o.site
			AND r.order_id = o.order_id))) AS orders,
	(SELECT count(*) FROM subject s JOIN touch t ON t.visitor = s.key
		WHERE s.request = n.request AND s.kind = 1) AS touches,
	(SELECT count(*) FROM subject_event e
		WHERE e.request = n.request) AS conversions,
	(SELECT count(*) FROM subject s JOIN exposure x ON x.visitor = s.key
		WHERE s.request = n.request AND s.kind IN (1, 2)) AS exposures,
	(SELECT count(DISTINCT (r.platform, r.site, r.goal, r.transaction_id,
			r.revision))
		FROM subject_event e
		JOIN conversion c USING (site, event_id)
		JOIN export_receipt r ON r.site = c.site AND r.goal = c.goal
			AND r.transaction_id IN (c.order_id, c.event_id)
		WHERE e.request = n.request) AS exports
FROM generate_series(0, $1::int - 1) AS n (request)
ORDER BY 1
