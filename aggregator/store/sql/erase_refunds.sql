-- The refunds of all subjects' orders.
SELECT DISTINCT r.site, r.refund_id, r.order_id, r.event_id
FROM subject_order o
JOIN refund r USING (site, order_id)
