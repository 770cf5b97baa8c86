-- Links of visitors that have neither touches nor conversions left.
-- $1 kept since, $2 at most
DELETE FROM identity WHERE visitor = ANY (ARRAY(
	SELECT i.visitor FROM identity i
	WHERE i.ts < $1::timestamptz
		AND NOT EXISTS (SELECT FROM touch t WHERE t.visitor = i.visitor)
		AND NOT EXISTS (SELECT FROM conversion c
			WHERE c.visitor = i.visitor AND c.ts >= $1)
	LIMIT $2::bigint))
