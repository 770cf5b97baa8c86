-- The orders of all subjects.
SELECT request, site, order_id FROM subject_order
