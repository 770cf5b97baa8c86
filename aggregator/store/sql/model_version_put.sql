-- A new version of a trained model.
INSERT INTO model_version (model_id, version, site, path_order, from_day,
	to_day, paths, conversions, nulls, value_micros, conversion_rate,
	replicates, seed)
SELECT $1::int, coalesce(max(version), 0) + 1, $2::text, $3::int, $4::date,
	$5::date, $6::bigint, $7::bigint, $8::bigint, $9::bigint,
	$10::text::double precision, $11::int, $12::bigint
FROM model_version WHERE model_id = $1
RETURNING version
