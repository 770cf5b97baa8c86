-- What the experiments of a site say, at most 500 arms, the latest first.
-- $1 site
SELECT jsonb_build_object('rows', coalesce(jsonb_agg(jsonb_build_object(
	'experiment', experiment, 'variant', variant, 'control', control,
	'kind', kind, 'goal', goal, 'status', status, 'planned_n', planned_n,
	'customers', customers, 'excluded', excluded, 'converted', converted,
	'rate', rate, 'rate_lift', rate_lift, 'rate_lift_low', rate_lift_low,
	'rate_lift_high', rate_lift_high, 'rate_sequential_p', rate_sequential_p,
	'revenue_per_customer', revenue_per_customer,
	'revenue_lift', revenue_lift, 'revenue_lift_low', revenue_lift_low,
	'revenue_lift_high', revenue_lift_high, 'chance_to_win', chance_to_win,
	'currency', currency) ORDER BY experiment, number), '[]'))::text AS json
FROM (SELECT * FROM experiment_results WHERE site = $1
	ORDER BY experiment, number LIMIT 500) e
