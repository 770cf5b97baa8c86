-- The arms' revenue per customer for people; see experiments_rates.
SELECT site, experiment, variant, revenue, currency,
	round(revenue_per_customer::numeric, 4) AS "per customer",
	round(100 * revenue_lift::numeric, 2) AS "lift %",
	round(100 * revenue_lift_low::numeric, 2) || ' .. '
		|| round(100 * revenue_lift_high::numeric, 2)
		AS "95 % at any time",
	round(revenue_sequential_p::numeric, 5) AS "p at any time",
	round(revenue_p_value::numeric, 5) AS "p at planned n",
	round(100 * cuped_lift::numeric, 2) AS "adjusted lift %",
	round(100 * cuped_lift_low::numeric, 2) || ' .. '
		|| round(100 * cuped_lift_high::numeric, 2)
		AS "95 % adjusted"
FROM experiment_results
WHERE ($1::text IS NULL OR site = $1)
	AND ($2::text IS NULL OR experiment = $2)
ORDER BY site, experiment, number
