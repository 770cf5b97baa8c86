-- What was read of a partition is stored. $1 partition, $2 where it was, $3
-- where it is, $4 state of deduplication.
UPDATE progress SET next_offset = $3::bigint, dedup = $4::bytea
WHERE partition = $1::int AND next_offset = $2::bigint
