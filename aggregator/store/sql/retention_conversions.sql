-- Conversions with all that is known of them. $1 kept since, $2 at most
SELECT FROM generate_series(1,
	expire_conversions($1::timestamptz, $2::bigint))
