-- what experiments say at the moment, for a report
-- $1 site or NULL
SELECT experiment, variant, goal, status, customers, converted,
	round((100 * rate)::numeric, 6) AS rate_percent,
	round((100 * rate_lift)::numeric, 6) AS rate_lift_percent,
	round((100 * rate_lift_low)::numeric, 6) AS rate_lift_low_percent,
	round((100 * rate_lift_high)::numeric, 6) AS rate_lift_high_percent,
	round(revenue_per_customer::numeric, 6) AS revenue_per_customer,
	round((100 * revenue_lift)::numeric, 6) AS revenue_lift_percent,
	round((100 * revenue_lift_low)::numeric, 6) AS revenue_lift_low_percent,
	round((100 * revenue_lift_high)::numeric, 6)
		AS revenue_lift_high_percent,
	round((100 * chance_to_win)::numeric, 6) AS chance_to_win_percent, site
FROM experiment_results
WHERE $1::text IS NULL OR site = $1
ORDER BY site, experiment, number
