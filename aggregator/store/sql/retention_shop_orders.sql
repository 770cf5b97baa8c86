-- Orders of the shop's exports. $1 kept since, $2 at most
DELETE FROM shop_order WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM shop_order WHERE ordered_at < $1::timestamptz
	LIMIT $2::bigint))
