-- Ids of orders become hashes. $1 kept since, $2 at most
SELECT FROM generate_series(1,
	hash_orders($1::timestamptz, $2::bigint))
