-- Records set aside; a batch that is done again says the same.
INSERT INTO dead_letter (topic, partition, "offset", reason, record)
VALUES ($1::text, $2::int, $3::bigint, $4::text, $5::bytea)
ON CONFLICT (topic, partition, "offset") DO NOTHING
