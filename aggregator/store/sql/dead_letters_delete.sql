-- Records that are on the topic again.
DELETE FROM dead_letter d
USING unnest($1::text[], $2::int[], $3::bigint[])
	AS n (topic, partition, "offset")
WHERE (d.topic, d.partition, d."offset") = (n.topic, n.partition, n."offset")
