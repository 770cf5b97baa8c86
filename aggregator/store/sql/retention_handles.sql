-- Click ids and addresses that were last heard of before and that no
-- conversion since names. $1 kept since, $2 at most
DELETE FROM handle WHERE handle = ANY (ARRAY(
	SELECT h.handle FROM handle h
	WHERE greatest(h.visitor_ts, h.user_ts) < $1::timestamptz
		AND NOT EXISTS (SELECT FROM conversion c
			WHERE c.click_key = h.handle AND c.ts >= $1)
		AND NOT EXISTS (SELECT FROM conversion c
			WHERE c.email_key = h.handle AND c.ts >= $1)
		AND NOT EXISTS (SELECT FROM conversion c
			WHERE c.phone_key = h.handle AND c.ts >= $1)
	LIMIT $2::bigint))
