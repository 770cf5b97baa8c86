-- Hits per day.
INSERT INTO hits_daily (day, site, type, lane, bot, hits)
SELECT day, site, type, lane, bot, sum(hits)
FROM unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::text[],
	$6::bigint[]) AS n (day, site, type, lane, bot, hits)
GROUP BY day, site, type, lane, bot
ORDER BY day, site, type, lane, bot
ON CONFLICT (day, site, type, lane, bot) DO UPDATE
SET hits = hits_daily.hits + excluded.hits
