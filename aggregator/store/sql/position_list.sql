-- how far each partition of a topic is read; $1 topic
SELECT partition, next_offset, dedup FROM position
WHERE topic = $1::text AND next_offset > 0
