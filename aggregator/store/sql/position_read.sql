-- Where a partition stands: after a COMMIT whose answer was lost.
SELECT epoch, next_offset FROM position
WHERE topic = $1::text AND partition = $2::int
