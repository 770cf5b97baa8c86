-- The candidates known of some visits.
SELECT n.i::int, t.signature, t.ts, t.event_id, t.session_start, t.dim
FROM unnest($1::uuid[], $2::bigint[])
	WITH ORDINALITY AS n (visitor, session, i)
JOIN touch t USING (visitor, session)
