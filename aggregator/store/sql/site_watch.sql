-- What the alarms of sites rest on. $1 sites at most
SELECT site, last_conversion_day,
	coalesce(last_day_conversions, 0) AS last_day_conversions,
	last_day_views, views_since,
	(usual_conversions::double precision / nullif(usual_views, 0))
		AS usual_rate,
	usual_conversions >= 20 AS enough,
	order_coverage::double precision AS order_coverage,
	order_coverage_before::double precision AS order_coverage_before,
	tracking_rate::double precision AS tracking_rate,
	tracking_rate_before::double precision AS tracking_rate_before,
	(SELECT count(*) FROM sites) AS all_sites
FROM site_watch
ORDER BY site
LIMIT $1
