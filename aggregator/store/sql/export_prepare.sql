-- Receipts of what is about to go. One that is there is of something sent
-- before: $11 says whether it becomes prepared again.
INSERT INTO export_receipt (platform, site, goal, transaction_id, revision,
	kind, event_id, value_micros, before_micros, currency, state, via)
SELECT $1, $2, goal, transaction_id, revision, kind, event_id, value_micros,
	before_micros, $10, 'prepared', via
FROM unnest($3::text[], $4::text[], $5::integer[], $6::text[], $7::text[],
	$8::bigint[], $9::bigint[], $12::text[])
	AS n (goal, transaction_id, revision, kind, event_id, value_micros,
	before_micros, via)
ON CONFLICT (platform, site, goal, transaction_id, revision) DO UPDATE
SET state = 'prepared', via = excluded.via, reason = NULL, sent_at = NULL,
	answered_at = NULL
WHERE $11
