-- how far the numbers of each day can be trusted, in short
-- $1 first day or NULL: 13 days before the last, $2 last day or NULL: today,
-- $3 site or NULL
SELECT site, day, hits, bots, bot_cost, refused, duplicates,
	late_hours + late_days + late_older AS late,
	clock_corrected + clock_mistrusted + clock_ahead AS clock,
	round(analytics_storage_granted::numeric / nullif(people, 0), 4)
		AS consent_share,
	round(cookieless_share, 4) AS cookieless_share, conversions, unverified,
	round(unattributed_share, 4) AS unattributed_share,
	round(tracking_rate, 4) AS tracking_rate,
	round(order_coverage, 4) AS order_coverage, marks
FROM data_quality_daily
WHERE day >= coalesce($1::date, coalesce($2::date, current_date) - 13)
	AND day <= coalesce($2::date, 'infinity')
	AND ($3::text IS NULL OR site = $3)
ORDER BY site, day
