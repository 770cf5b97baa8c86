-- The same for people.
SELECT site, experiment, status, model, exposed, held_out,
	round(incremental_revenue::numeric, 2) AS "incremental revenue",
	round(exposed_cost::numeric, 2) AS cost, currency,
	round(incremental_roas::numeric, 3) AS "incremental ROAS",
	round(incremental_roas_low::numeric, 3) || ' .. '
		|| round(incremental_roas_high::numeric, 3) AS "95 %",
	round(attributed_roas::numeric, 3) AS "attributed ROAS"
FROM experiment_incrementality
WHERE ($1::text IS NULL OR site = $1)
	AND ($2::text IS NULL OR experiment = $2)
ORDER BY site, experiment, model
