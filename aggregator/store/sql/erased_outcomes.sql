-- What erased customers count for; as outcome_take, but it stays.
SELECT customer, site, event_id, purchase, new_customer, refund_days,
	refund_micros
FROM outcome WHERE customer = ANY ($1::uuid[])
