-- What became of some receipts: $6 is the new state, $7 and $8 say what the
-- platform answered, row by row.
UPDATE export_receipt e SET state = CASE
		WHEN $6 <> 'answered' THEN $6
		WHEN n.taken THEN 'accepted' ELSE 'rejected' END,
	reason = nullif(n.reason, ''), via = 'post',
	sent_at = CASE WHEN $6 = 'sent' THEN now() ELSE e.sent_at END,
	answered_at = CASE WHEN $6 = 'answered' THEN now() END
FROM unnest($3::text[], $4::text[], $5::integer[], $7::boolean[],
	$8::text[]) AS n (goal, transaction_id, revision, taken, reason)
WHERE e.platform = $1 AND e.site = $2 AND e.goal = n.goal
	AND e.transaction_id = n.transaction_id AND e.revision = n.revision
