-- The next records that were set aside, after a place; held until the end of
-- the transaction, so that two that retry do not both send them. Another's
-- are passed over.
SELECT topic, partition, "offset", reason, record
FROM dead_letter
WHERE (topic, partition, "offset") > ($1::text, $2::int, $3::bigint)
	AND ($4::text IS NULL OR position($4::text IN reason) > 0)
ORDER BY topic, partition, "offset"
LIMIT 500
FOR UPDATE SKIP LOCKED
