-- Up to where the tables are: there the rebuild ends too, so that both say
-- the same of the same events. A partition that nobody has read is read to
-- its end. $1 topic, $2 partitions, $3 where to begin, $4 their ends.
INSERT INTO progress (partition, first_offset, next_offset, target, dedup,
	live_dedup, live_watermark)
SELECT n.partition, n.low, n.low,
	greatest(coalesce(p.next_offset, n.high), n.low), '', p.dedup,
	p.watermark
FROM unnest($2::int[], $3::bigint[], $4::bigint[]) AS n (partition, low, high)
LEFT JOIN afterclick.position p ON p.topic = $1::text
	AND p.partition = n.partition
