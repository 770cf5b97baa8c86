-- Records that were set aside, after a place, for whom they name.
SELECT topic, partition, "offset", record
FROM dead_letter
WHERE (topic, partition, "offset") > ($1::text, $2::int, $3::bigint)
ORDER BY topic, partition, "offset"
LIMIT 1000
