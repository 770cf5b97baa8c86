-- The arms' conversion rates for people; the interval and p hold at any time.
SELECT site, experiment, variant, status, customers, excluded, converted,
	round(100 * rate::numeric, 3) AS "rate %",
	round(100 * rate_lift::numeric, 2) AS "lift %",
	round(100 * rate_lift_low::numeric, 2) || ' .. '
		|| round(100 * rate_lift_high::numeric, 2)
		AS "95 % at any time",
	round(rate_sequential_p::numeric, 5) AS "p at any time",
	round(p_value::numeric, 5) AS "p at planned n",
	round(100 * chance_to_win::numeric, 2) AS "better %",
	round(100 * loss::numeric, 4) AS "loss %"
FROM experiment_results
WHERE ($1::text IS NULL OR site = $1)
	AND ($2::text IS NULL OR experiment = $2)
ORDER BY site, experiment, number
