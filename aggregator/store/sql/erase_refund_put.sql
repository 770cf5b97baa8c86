-- Names in place of a refund's ($1 site, $2 refund id): $3 refund, $4 order,
-- $5 event.
INSERT INTO subject_refund (site, refund_id, alias, order_alias, event_alias)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[],
	$5::text[])
