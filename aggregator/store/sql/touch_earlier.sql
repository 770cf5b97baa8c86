-- A candidate gave way to an earlier hit of the same origin.
UPDATE touch t
SET ts = n.ts, event_id = n.event_id, session_start =
	CASE WHEN t.session_start IS NOT NULL THEN n.session_start END
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::timestamptz[],
	$5::text[], $6::timestamptz[])
	AS n (visitor, session, signature, ts, event_id, session_start)
WHERE t.visitor = n.visitor AND t.session = n.session
	AND t.signature = n.signature
