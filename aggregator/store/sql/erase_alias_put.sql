-- Names in place of a conversion's ($1 site, $2 event id): $3 event, $4 order
-- or empty, $5 customer; $6 whether its credits stand.
INSERT INTO subject_alias (site, event_id, alias, order_alias, customer, stands)
SELECT site, event_id, alias, nullif(order_alias, ''), customer, stands
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::uuid[],
	$6::bool[]) AS n (site, event_id, alias, order_alias, customer, stands)
