-- How well the days of a report were tracked. $1 from, $2 to, $3 site or NULL
SELECT day::text AS day, site, hits, people, bots, refused, duplicates,
	late_hours + late_days + late_older AS late,
	100.0 * analytics_storage_granted / nullif(people, 0)
		AS consent_percent,
	100 * cookieless_share AS cookieless_percent,
	conversions, 100 * unattributed_share AS unattributed_percent,
	100 * tracking_rate AS tracking_percent,
	100 * order_coverage AS order_coverage_percent, bot_cost
FROM data_quality_daily
WHERE day BETWEEN $1 AND $2 AND ($3::text IS NULL OR site = $3)
ORDER BY data_quality_daily.day DESC, site
