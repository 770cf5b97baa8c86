-- Whose handles are: of a click id the earliest touch says it ($9), else the
-- latest hit.
UPDATE handle h
SET visitor = CASE WHEN n.by_visitor THEN n.visitor ELSE h.visitor END,
	visitor_ts = CASE WHEN n.by_visitor THEN n.visitor_ts
		ELSE h.visitor_ts END,
	visitor_event_id = CASE WHEN n.by_visitor THEN n.visitor_event_id
		ELSE h.visitor_event_id END,
	user_key = CASE WHEN n.by_user THEN n.user_key ELSE h.user_key END,
	user_ts = CASE WHEN n.by_user THEN n.user_ts ELSE h.user_ts END,
	user_event_id = CASE WHEN n.by_user THEN n.user_event_id
		ELSE h.user_event_id END
FROM (
	SELECT n.*,
		n.visitor <> '00000000-0000-0000-0000-000000000000' AND (
			o.visitor IS NULL OR CASE WHEN n.earliest
			THEN (n.visitor_ts, n.visitor_event_id)
				< (o.visitor_ts, o.visitor_event_id)
			ELSE (n.visitor_ts, n.visitor_event_id)
				> (o.visitor_ts, o.visitor_event_id) END)
			AS by_visitor,
		n.user_key <> '00000000-0000-0000-0000-000000000000' AND (
			o.user_key IS NULL OR (n.user_ts, n.user_event_id)
				> (o.user_ts, o.user_event_id)) AS by_user
	FROM unnest($1::uuid[], $2::bool[], $3::uuid[], $4::timestamptz[],
		$5::text[], $6::uuid[], $7::timestamptz[], $8::text[],
		$9::bool[])
		AS n (handle, wanted, visitor, visitor_ts, visitor_event_id,
		user_key, user_ts, user_event_id, earliest)
	JOIN handle o USING (handle)
	OFFSET 0
) n
WHERE h.handle = n.handle AND (n.by_visitor OR n.by_user)
