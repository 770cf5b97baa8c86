-- All rows of the subjects of a request ($1), as JSON, with their table.
WITH v AS (
	SELECT key FROM subject WHERE request = $1::int AND kind = 1
), u AS (
	SELECT key FROM subject WHERE request = $1 AND kind = 2
), h AS (
	SELECT key FROM subject WHERE request = $1 AND kind = 5
), who AS (
	SELECT key FROM subject WHERE request = $1
), c AS (
	SELECT DISTINCT site, event_id FROM subject_event WHERE request = $1
), o AS (
	SELECT site, order_id FROM subject_order WHERE request = $1
)
SELECT 'touch' AS "table", to_jsonb(t) || to_jsonb(d) AS row
FROM touch t JOIN v ON v.key = t.visitor
JOIN (SELECT dim, site, source, medium, campaign, channel FROM dimension) d
	USING (dim)
UNION ALL SELECT 'conversion', to_jsonb(t)
FROM conversion t JOIN c USING (site, event_id)
UNION ALL SELECT 'outcome', to_jsonb(t)
FROM outcome t JOIN c USING (site, event_id)
UNION ALL SELECT 'credit', to_jsonb(t) || to_jsonb(d)
FROM credit t JOIN c USING (site, event_id)
JOIN (SELECT dim, source, medium, campaign, channel FROM dimension) d
	USING (dim)
UNION ALL SELECT 'refund', to_jsonb(t)
FROM refund t JOIN o USING (site, order_id)
UNION ALL SELECT 'order_key', to_jsonb(t)
FROM order_key t JOIN o ON o.site = t.site AND o.order_id = t.dedup_key
UNION ALL SELECT 'shop_order', to_jsonb(t)
FROM shop_order t JOIN o USING (site, order_id)
UNION ALL SELECT 'identity', to_jsonb(t)
FROM identity t
WHERE t.visitor IN (SELECT key FROM v) OR t.user_key IN (SELECT key FROM u)
UNION ALL SELECT 'handle', to_jsonb(t)
FROM handle t
WHERE t.handle IN (SELECT key FROM h) OR t.visitor IN (SELECT key FROM v)
	OR t.user_key IN (SELECT key FROM u)
UNION ALL SELECT 'exposure', to_jsonb(t)
FROM exposure t JOIN who ON who.key = t.visitor
UNION ALL SELECT 'experiment_customer', to_jsonb(t)
FROM experiment_customer t JOIN who ON who.key = t.customer
UNION ALL SELECT 'dirty', to_jsonb(t)
FROM dirty t JOIN who ON who.key = t.customer
UNION ALL SELECT 'export_receipt', to_jsonb(t)
FROM export_receipt t
WHERE EXISTS (SELECT FROM conversion v JOIN c USING (site, event_id)
	WHERE v.site = t.site AND v.goal = t.goal
		AND t.transaction_id IN (v.order_id, v.event_id))
