-- Channels by the rules of now. $1 dimensions, $2 their channels.
INSERT INTO channel (dim, channel)
SELECT n.dim, n.channel
FROM unnest($1::int[], $2::text[]) AS n (dim, channel)
JOIN dimension d USING (dim)
WHERE d.channel <> n.channel
