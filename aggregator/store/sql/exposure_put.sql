-- The earliest exposure of each visitor to each arm; whose it is is marked
-- when that changed.
WITH changed AS (
	INSERT INTO exposure AS x
		(visitor, site, experiment, variant, ts, event_id)
	SELECT DISTINCT ON (visitor, site, experiment, variant) *
	FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[],
		$5::timestamptz[], $6::text[])
		AS n (visitor, site, experiment, variant, ts, event_id)
	ORDER BY visitor, site, experiment, variant, ts, event_id
	ON CONFLICT (visitor, site, experiment, variant) DO UPDATE
	SET ts = excluded.ts, event_id = excluded.event_id
	WHERE (excluded.ts, excluded.event_id) < (x.ts, x.event_id)
	RETURNING visitor
)
INSERT INTO dirty (customer)
SELECT DISTINCT coalesce(i.user_key, c.visitor)
FROM changed c
LEFT JOIN identity i USING (visitor)
ORDER BY 1
-- A mark that is there already is locked, not passed over: else who attributes
-- the customer now would take it away without seeing what we are writing.
ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer WHERE false
