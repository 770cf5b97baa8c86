-- First statement of a batch: fails to match where another owner came.
UPDATE position p
SET next_offset = n.next_offset, dedup = n.dedup,
	watermark = greatest(p.watermark, n.watermark), updated_at = now()
FROM (
	SELECT $2::int AS partition, $3::bigint AS epoch,
		$4::bigint AS old_offset, $5::bigint AS next_offset,
		$6::bytea AS dedup, $7::timestamptz AS watermark
) n
WHERE p.topic = $1::text AND p.partition = n.partition
	AND p.epoch = n.epoch AND p.next_offset = n.old_offset
