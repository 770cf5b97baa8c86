-- Dead letters. $1 kept since, $2 at most
DELETE FROM dead_letter WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM dead_letter WHERE set_aside_at < $1::timestamptz
	LIMIT $2::bigint))
