-- The credits that belong to it.
SELECT customer, site, event_id, touch_no, dim, conversion_day, touch_day,
	share_micros, value_micros, refund_micros
FROM credit WHERE customer = ANY ($1::uuid[])
