-- What was said before of some customers' conversions, taken away.
DELETE FROM outcome WHERE customer = ANY ($1::uuid[])
RETURNING customer, site, event_id, purchase, new_customer, refund_days,
	refund_micros
