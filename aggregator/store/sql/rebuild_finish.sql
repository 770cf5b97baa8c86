-- The last indexes. Cells that say the same as before keep their revision,
-- others get the next.
SET LOCAL maintenance_work_mem = '512MB';
SELECT add_indexes('credit') FROM plan WHERE from_day IS NULL;
ANALYZE outcome;
UPDATE campaign_daily n
SET revision = o.revision + s.differs::int,
	updated_at = CASE WHEN s.differs THEN n.updated_at ELSE o.updated_at END
FROM old_cell o
JOIN campaign_daily m USING (day, dim, basis, model_id)
CROSS JOIN LATERAL (SELECT (m.conversions_micros, m.orders_micros,
		m.order_value_micros, m.new_customers_micros, m.value_micros,
		m.refund_micros, m.booked_refund_micros)
	IS DISTINCT FROM (o.conversions_micros, o.orders_micros,
		o.order_value_micros, o.new_customers_micros, o.value_micros,
		o.refund_micros, o.booked_refund_micros) AS differs) s
WHERE n.day = m.day AND n.dim = m.dim AND n.basis = m.basis
	AND n.model_id = m.model_id;
UPDATE traffic_daily n
SET revision = o.revision + s.differs::int,
	updated_at = CASE WHEN s.differs THEN n.updated_at ELSE o.updated_at END
FROM old_traffic o
JOIN traffic_daily m USING (day, dim)
CROSS JOIN LATERAL (SELECT (m.visits, m.touches)
	IS DISTINCT FROM (o.visits, o.touches) AS differs) s
WHERE n.day = m.day AND n.dim = m.dim;
CREATE TABLE difference AS
SELECT day, dim, basis, model_id,
	coalesce(o.conversions_micros, 0) AS old_conversions,
	coalesce(n.conversions_micros, 0) AS new_conversions,
	coalesce(o.value_micros, 0) AS old_value,
	coalesce(n.value_micros, 0) AS new_value,
	coalesce(o.refund_micros, 0) AS old_refund,
	coalesce(n.refund_micros, 0) AS new_refund
FROM old_cell o
FULL JOIN campaign_daily n USING (day, dim, basis, model_id)
WHERE (coalesce(o.conversions_micros, 0), coalesce(o.orders_micros, 0),
	coalesce(o.order_value_micros, 0), coalesce(o.new_customers_micros, 0),
	coalesce(o.value_micros, 0), coalesce(o.refund_micros, 0),
	coalesce(o.booked_refund_micros, 0))
	<> (coalesce(n.conversions_micros, 0), coalesce(n.orders_micros, 0),
	coalesce(n.order_value_micros, 0), coalesce(n.new_customers_micros, 0),
	coalesce(n.value_micros, 0), coalesce(n.refund_micros, 0),
	coalesce(n.booked_refund_micros, 0))
