-- What was said before of some customers' conversions, taken away; what is
-- frozen ($2) stays.
DELETE FROM outcome WHERE customer = ANY ($1::uuid[]) AND day >= $2::date
RETURNING customer, site, event_id, purchase, new_customer, refund_days,
	refund_micros
