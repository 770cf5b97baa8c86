-- An aggregator takes a partition: whoever had it can no longer write.
INSERT INTO position (topic, partition, epoch, next_offset, owner, dedup)
VALUES ($1::text, $2::int, 1, $3::bigint, $4::text, '')
ON CONFLICT (topic, partition) DO UPDATE
SET epoch = position.epoch + 1, owner = excluded.owner, updated_at = now()
RETURNING epoch, next_offset, dedup
