-- An experiment of the configuration; when it changed all who were exposed
-- are looked at anew. $4: test or holdout.
WITH changed AS (
	INSERT INTO experiment AS e (site, experiment, goal, kind, variants,
		weight_micros, planned_n, starts_at, ends_at, "window",
		revenue_cap_micros, cuped_window, campaigns, split_clicks)
	VALUES ($1::text, $2::text, $3::text, $4::text, $5::text[],
		$6::bigint[], $7::bigint, $8::timestamptz, $9::timestamptz,
		nullif($10::bigint, 0) * interval '1 millisecond',
		nullif($11::bigint, 0),
		nullif($12::bigint, 0) * interval '1 millisecond',
		$13::text[], $14::boolean)
	ON CONFLICT (site, experiment) DO UPDATE
	SET goal = excluded.goal, kind = excluded.kind,
		variants = excluded.variants,
		weight_micros = excluded.weight_micros,
		planned_n = excluded.planned_n,
		starts_at = excluded.starts_at, ends_at = excluded.ends_at,
		"window" = excluded."window",
		revenue_cap_micros = excluded.revenue_cap_micros,
		cuped_window = excluded.cuped_window,
		campaigns = excluded.campaigns,
		split_clicks = excluded.split_clicks,
		configured = true, updated_at = now()
	WHERE (e.goal, e.kind, e.variants, e.weight_micros, e.planned_n,
		e.starts_at, e.ends_at, e."window", e.revenue_cap_micros,
		e.cuped_window, e.campaigns, e.split_clicks, e.configured)
		IS DISTINCT FROM (excluded.goal, excluded.kind,
		excluded.variants, excluded.weight_micros, excluded.planned_n,
		excluded.starts_at, excluded.ends_at, excluded."window",
		excluded.revenue_cap_micros, excluded.cuped_window,
		excluded.campaigns, excluded.split_clicks, true)
	RETURNING e.site, e.experiment
), stale AS (
	DELETE FROM experiment_readout r USING changed c
	WHERE r.site = c.site AND r.experiment = c.experiment
)
INSERT INTO dirty (customer)
SELECT DISTINCT coalesce(i.user_key, x.visitor)
FROM changed c
JOIN exposure x USING (site, experiment)
LEFT JOIN identity i ON i.visitor = x.visitor
ORDER BY 1
-- A mark that is there already is locked, not passed over: see exposure_put.
ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer WHERE false
