-- All orders of all subjects.
SELECT DISTINCT site, order_id FROM subject_order
