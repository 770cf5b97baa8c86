-- Click ids of conversions, as they came. $1 kept since, $2 at most
UPDATE conversion SET click_id = NULL WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM conversion
	WHERE ts < $1::timestamptz AND click_id IS NOT NULL LIMIT $2::bigint))
