-- list records that were set aside, newest first
SELECT set_aside_at, topic, partition, "offset", reason,
	octet_length(record)::bigint AS bytes
FROM dead_letter
ORDER BY set_aside_at DESC, topic, partition, "offset" DESC
LIMIT 1000
