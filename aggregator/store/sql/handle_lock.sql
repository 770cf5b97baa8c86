-- New handles, and a lock on those that are there, before anybody looks.
INSERT INTO handle (handle, wanted, visitor, visitor_ts, visitor_event_id,
	user_key, user_ts, user_event_id)
SELECT handle, wanted, visitor, CASE WHEN visitor IS NOT NULL THEN visitor_ts
	END, CASE WHEN visitor IS NOT NULL THEN visitor_event_id END, user_key,
	CASE WHEN user_key IS NOT NULL THEN user_ts END,
	CASE WHEN user_key IS NOT NULL THEN user_event_id END
FROM (
	SELECT handle, wanted, visitor_ts, visitor_event_id, user_ts,
		user_event_id,
		nullif(visitor, '00000000-0000-0000-0000-000000000000')
			AS visitor,
		nullif(user_key, '00000000-0000-0000-0000-000000000000')
			AS user_key
	FROM unnest($1::uuid[], $2::bool[], $3::uuid[], $4::timestamptz[],
		$5::text[], $6::uuid[], $7::timestamptz[], $8::text[])
		AS n (handle, wanted, visitor, visitor_ts, visitor_event_id,
		user_key, user_ts, user_event_id)
) n
ORDER BY handle
ON CONFLICT (handle) DO UPDATE SET wanted = true
WHERE excluded.wanted AND NOT handle.wanted
