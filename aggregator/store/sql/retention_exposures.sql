-- Who took part in experiments that are long over. $1 kept since, $2 at most:
-- an experiment goes as a whole
SELECT FROM generate_series(1, least($2::bigint,
	expire_exposures($1::timestamptz)))
