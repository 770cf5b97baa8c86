-- Hits refused. $1 sites, $2 days, $3 reasons, $4 hits
INSERT INTO refusal_daily AS r (site, day, reason, hits)
SELECT site, day, reason, sum(hits)
FROM unnest($1::text[], $2::date[], $3::text[], $4::bigint[])
	AS n (site, day, reason, hits)
GROUP BY site, day, reason
ORDER BY site, day, reason
ON CONFLICT (site, day, reason) DO UPDATE SET hits = r.hits + excluded.hits
