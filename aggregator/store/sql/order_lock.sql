-- Writers of one order wait for each other here, before they look.
INSERT INTO order_key (site, dedup_key, events)
SELECT site, dedup_key, count(*)
FROM unnest($1::text[], $2::text[]) AS n (site, dedup_key)
GROUP BY site, dedup_key
ORDER BY site, dedup_key
ON CONFLICT (site, dedup_key) DO UPDATE
SET events = order_key.events + excluded.events
