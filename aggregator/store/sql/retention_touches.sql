-- Touches that no conversion looks back to. $1 kept since, $2 at most
DELETE FROM touch WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM touch WHERE ts < $1::timestamptz LIMIT $2::bigint))
