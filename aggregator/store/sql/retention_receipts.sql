-- What was sent to ad platforms. $1 kept since, $2 at most
DELETE FROM export_receipt WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM export_receipt WHERE prepared_at < $1::timestamptz
	LIMIT $2::bigint))
