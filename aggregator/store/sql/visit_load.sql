-- The candidates known of some visits. LATERAL with OFFSET keeps to the
-- index: a batch has far fewer visits than the table, whatever the planner
-- makes of the arrays' lengths.
SELECT n.i::int, t.signature, t.ts, t.event_id, t.session_start, t.dim
FROM unnest($1::uuid[], $2::bigint[])
	WITH ORDINALITY AS n (visitor, session, i)
CROSS JOIN LATERAL (
	SELECT * FROM touch t
	WHERE t.visitor = n.visitor AND t.session = n.session
	OFFSET 0
) t
