-- Where a partition stands: after a COMMIT whose answer was lost.
SELECT epoch, next_offset, owner FROM position
WHERE topic = $1::text AND partition = $2::int
