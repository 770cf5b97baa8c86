-- Orders that are under their hash by now: others wait for each other there,
-- and the plain keys go again. $1 sites, $2 keys as they came
WITH named AS (
	SELECT n.site, n.key, k.dedup_key AS hash
	FROM (SELECT DISTINCT site, key
		FROM unnest($1::text[], $2::text[]) AS u (site, key)) n
	JOIN order_key k ON k.site = n.site
		AND k.dedup_key = order_hash(n.site, n.key)
	WHERE k.dedup_key <> n.key AND EXISTS (SELECT FROM retention_run
		WHERE what = 'order_ids' AND removed > 0)
), plain AS (
	DELETE FROM order_key k USING named n
	WHERE k.site = n.site AND k.dedup_key = n.key
), locked AS (
	UPDATE order_key k SET events = k.events + 1 FROM named n
	WHERE k.site = n.site AND k.dedup_key = n.hash
)
SELECT site, key, hash FROM named
ORDER BY site COLLATE "C", key COLLATE "C"
