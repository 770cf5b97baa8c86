-- What a version learnt of a channel.
INSERT INTO model_weight (model_id, version, channel, weight, low, high)
VALUES ($1::int, $2::int, $3::text, $4::text::double precision,
	$5::text::double precision, $6::text::double precision)
