-- What is unusual of each site's last whole day, and when its last hit came.
-- $1 sites at most
SELECT s.site, extract(epoch FROM (
		SELECT q.last_received_at FROM quality_daily q
		WHERE q.site = s.site AND q.last_received_at IS NOT NULL
		ORDER BY q.day DESC LIMIT 1))::bigint AS last_hit_s,
	(SELECT count(*) FROM data_quality_marks m
		WHERE m.site = s.site
			AND m.day = (now() AT TIME ZONE s.timezone)::date - 1)
		AS marks
FROM site s
ORDER BY s.site
LIMIT $1
