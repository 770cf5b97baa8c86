-- What holdouts of a site ($1, NULL: all) called $2 say.
SELECT site, experiment, array_to_string(campaigns, ', ') AS campaigns,
	status, model, first_day, last_day, exposed, held_out,
	revenue_per_customer, held_out_revenue_per_customer,
	incremental_conversions, incremental_conversions_low,
	incremental_conversions_high, incremental_revenue,
	incremental_revenue_low, incremental_revenue_high, cost, exposed_cost,
	incremental_roas, incremental_roas_low, incremental_roas_high,
	attributed_revenue, attributed_roas, currency
FROM experiment_incrementality
WHERE ($1::text IS NULL OR site = $1)
	AND ($2::text IS NULL OR experiment = $2)
ORDER BY site, experiment, model
