-- The latest link of a visitor wins.
INSERT INTO identity (visitor, user_key, ts, event_id)
SELECT visitor, user_key, ts, event_id
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[])
	AS n (visitor, user_key, ts, event_id)
ORDER BY visitor
ON CONFLICT (visitor) DO UPDATE
SET user_key = excluded.user_key, ts = excluded.ts,
	event_id = excluded.event_id
WHERE (excluded.ts, excluded.event_id) > (identity.ts, identity.event_id)
