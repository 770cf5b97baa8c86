-- One receipt a request: $1 kind, $2 number of its first entry from 1, $3 how
-- many entries of $4 it has, then what there was.
INSERT INTO erasure (kind, entries, visitors, users, addresses, orders,
	touches, conversions, exposures, exports)
SELECT kind, ($4::uuid[])[n.first:n.first + n.count - 1], visitors, users,
	addresses, orders, touches, conversions, exposures, exports
FROM unnest($1::text[], $2::int[], $3::int[], $5::bigint[], $6::bigint[],
	$7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[],
	$11::bigint[], $12::bigint[])
	AS n (kind, first, count, visitors, users, addresses, orders, touches,
	conversions, exposures, exports)
