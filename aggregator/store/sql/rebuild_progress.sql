-- How far each partition is read.
SELECT partition, first_offset, next_offset, target, dedup FROM progress
ORDER BY partition
