-- What was said before of some customers' conversions, taken away; what is
-- frozen ($2) stays. The difference keeps the planner from the index of days.
DELETE FROM outcome WHERE customer = ANY ($1::uuid[]) AND day - $2::date >= 0
RETURNING customer, site, event_id, purchase, new_customer, refund_days,
	refund_micros
