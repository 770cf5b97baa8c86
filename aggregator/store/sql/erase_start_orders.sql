-- Orders that requests ($1) name: site ($2) and order id ($3), and the hashes
-- that stand for old ones; who ordered is looked for.
INSERT INTO subject_order (request, site, order_id, follow)
SELECT DISTINCT n.request, n.site, k.order_id, true
FROM unnest($1::int[], $2::text[], $3::text[])
	AS n (request, site, order_id)
CROSS JOIN LATERAL (VALUES (n.order_id), (order_hash(n.site, n.order_id)))
	AS k (order_id)
ON CONFLICT DO NOTHING
