-- Every order of the tables.
DECLARE erase_orders NO SCROLL CURSOR FOR
SELECT site, order_id FROM conversion WHERE order_id IS NOT NULL
UNION SELECT site, order_id FROM refund
UNION SELECT site, order_id FROM shop_order
