-- Bots that came by a campaign. $1 days, $2 dims, $3 bots, $4 whether by a
-- redirect link
INSERT INTO bot_landing_daily AS b (day, dim, bot, pages, redirects)
SELECT day, dim, bot, count(*) FILTER (WHERE NOT redirect),
	count(*) FILTER (WHERE redirect)
FROM unnest($1::date[], $2::int[], $3::text[], $4::boolean[])
	AS n (day, dim, bot, redirect)
GROUP BY day, dim, bot
ORDER BY day, dim, bot
ON CONFLICT (day, dim, bot) DO UPDATE
SET pages = b.pages + excluded.pages,
	redirects = b.redirects + excluded.redirects
