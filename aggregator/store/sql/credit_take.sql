-- The credits that belong to it; see outcome_take.
DELETE FROM credit
WHERE customer = ANY ($1::uuid[]) AND conversion_day - $2::date >= 0
RETURNING customer, site, event_id, touch_no, dim, conversion_day, touch_day,
	share_micros, value_micros, refund_micros
