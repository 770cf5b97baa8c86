-- Experiments: exposures as they came, what each customer counts for, the
-- sums per arm, and what the arms say against their control.

CREATE TABLE experiment (
	site text COLLATE "C" NOT NULL,
	experiment text COLLATE "C" NOT NULL,
	goal text COLLATE "C" NOT NULL,
	kind text COLLATE "C" NOT NULL,
	variants text[] COLLATE "C" NOT NULL,
	weight_micros bigint[] NOT NULL,
	planned_n bigint NOT NULL,
	starts_at timestamptz,
	ends_at timestamptz,
	"window" interval,
	revenue_cap_micros bigint,
	cuped_window interval,
	campaigns text[] COLLATE "C" NOT NULL,
	split_clicks boolean NOT NULL,
	configured boolean NOT NULL DEFAULT true,
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (site, experiment)
);
COMMENT ON TABLE experiment IS 'Experiments of the configuration, as the aggregator last read it';
COMMENT ON COLUMN experiment.site IS 'Site id';
COMMENT ON COLUMN experiment.experiment IS 'Name';
COMMENT ON COLUMN experiment.goal IS 'Conversions of this goal count';
COMMENT ON COLUMN experiment.kind IS 'test or holdout';
COMMENT ON COLUMN experiment.variants IS 'Arms, the control first';
COMMENT ON COLUMN experiment.weight_micros IS 'Their weights, same order';
COMMENT ON COLUMN experiment.planned_n IS 'Customers an arm that were planned; 0: none';
COMMENT ON COLUMN experiment.starts_at IS 'Exposures from then on count; NULL: all';
COMMENT ON COLUMN experiment.ends_at IS 'Exposures and conversions before then count; NULL: all';
COMMENT ON COLUMN experiment."window" IS 'Conversions so long after the first exposure count; NULL: until the end';
COMMENT ON COLUMN experiment.revenue_cap_micros IS 'Most revenue of a customer that counts; NULL: any';
COMMENT ON COLUMN experiment.cuped_window IS 'How long before the exposure revenue is the covariate; NULL: none';
COMMENT ON COLUMN experiment.campaigns IS 'Campaigns whose cost a holdout is held against';
COMMENT ON COLUMN experiment.split_clicks IS 'Whether clicks of the campaigns are split: then those held out have cost clicks too';
COMMENT ON COLUMN experiment.configured IS 'Whether it still stands in the configuration';
COMMENT ON COLUMN experiment.updated_at IS 'When the row last changed';

CREATE TABLE exposure (
	visitor uuid NOT NULL,
	site text COLLATE "C" NOT NULL,
	experiment text COLLATE "C" NOT NULL,
	variant text COLLATE "C" NOT NULL,
	ts timestamptz NOT NULL,
	event_id text COLLATE "C" NOT NULL,
	PRIMARY KEY (visitor, site, experiment, variant)
);
CREATE INDEX exposure_experiment ON exposure (site, experiment);
COMMENT ON TABLE exposure IS 'The first time that each visitor saw each arm';
COMMENT ON COLUMN exposure.visitor IS 'Hash of site and visitor id; of site and user id for a hit without a visitor';
COMMENT ON COLUMN exposure.site IS 'Site id';
COMMENT ON COLUMN exposure.experiment IS 'Experiment, configured or not';
COMMENT ON COLUMN exposure.variant IS 'Arm';
COMMENT ON COLUMN exposure.ts IS 'Event time';
COMMENT ON COLUMN exposure.event_id IS 'Event id of the hit';

CREATE TABLE experiment_customer (
	customer uuid NOT NULL,
	site text COLLATE "C" NOT NULL,
	experiment text COLLATE "C" NOT NULL,
	variant text COLLATE "C" NOT NULL,
	day date NOT NULL,
	converted boolean NOT NULL,
	y_micros bigint NOT NULL,
	x_micros bigint NOT NULL,
	PRIMARY KEY (customer, site, experiment)
);
COMMENT ON TABLE experiment_customer IS 'What each customer counts for in an experiment';
COMMENT ON COLUMN experiment_customer.customer IS 'user_key of a linked visitor, else the visitor';
COMMENT ON COLUMN experiment_customer.site IS 'Site id';
COMMENT ON COLUMN experiment_customer.experiment IS 'Experiment';
COMMENT ON COLUMN experiment_customer.variant IS 'Arm of the first exposure; empty for a customer seen in two';
COMMENT ON COLUMN experiment_customer.day IS 'Reporting day of the first exposure';
COMMENT ON COLUMN experiment_customer.converted IS 'Whether it converted afterwards';
COMMENT ON COLUMN experiment_customer.y_micros IS 'Revenue afterwards less refunds, capped';
COMMENT ON COLUMN experiment_customer.x_micros IS 'Revenue in the window before, capped likewise';

-- Exact sums, so that they do not depend on the order of what is added.
CREATE TABLE experiment_cell (
	site text COLLATE "C" NOT NULL,
	experiment text COLLATE "C" NOT NULL,
	variant text COLLATE "C" NOT NULL,
	day date NOT NULL,
	n bigint NOT NULL,
	converted bigint NOT NULL,
	sum_y numeric NOT NULL,
	sum_y2 numeric NOT NULL,
	sum_x numeric NOT NULL,
	sum_x2 numeric NOT NULL,
	sum_xy numeric NOT NULL,
	revision bigint NOT NULL DEFAULT 1,
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (site, experiment, variant, day)
);
COMMENT ON TABLE experiment_cell IS 'Sums over the customers of an arm, by the day of their first exposure';
COMMENT ON COLUMN experiment_cell.site IS 'Site id';
COMMENT ON COLUMN experiment_cell.experiment IS 'Experiment';
COMMENT ON COLUMN experiment_cell.variant IS 'Arm; empty for customers seen in two';
COMMENT ON COLUMN experiment_cell.day IS 'Reporting day of the first exposure';
COMMENT ON COLUMN experiment_cell.n IS 'Customers';
COMMENT ON COLUMN experiment_cell.converted IS 'Of these: converted';
COMMENT ON COLUMN experiment_cell.sum_y IS 'Sum of y_micros';
COMMENT ON COLUMN experiment_cell.sum_y2 IS 'Sum of their squares';
COMMENT ON COLUMN experiment_cell.sum_x IS 'Sum of x_micros';
COMMENT ON COLUMN experiment_cell.sum_x2 IS 'Sum of their squares';
COMMENT ON COLUMN experiment_cell.sum_xy IS 'Sum of their products';
COMMENT ON COLUMN experiment_cell.revision IS 'How often the cell has changed';
COMMENT ON COLUMN experiment_cell.updated_at IS 'When the cell last changed';

CREATE VIEW experiment_arms AS
SELECT e.site, e.experiment, v.number::int AS number, v.variant,
	e.weight_micros[v.number] AS weight_micros,
	coalesce(sum(c.n), 0)::bigint AS customers,
	coalesce(sum(c.converted), 0)::bigint AS converted,
	coalesce(sum(c.sum_y), 0) AS sum_y,
	coalesce(sum(c.sum_y2), 0) AS sum_y2,
	coalesce(sum(c.sum_x), 0) AS sum_x,
	coalesce(sum(c.sum_x2), 0) AS sum_x2,
	coalesce(sum(c.sum_xy), 0) AS sum_xy,
	coalesce(sum(c.revision), 0)::bigint AS revision
FROM experiment e
CROSS JOIN LATERAL unnest(e.variants) WITH ORDINALITY AS v (variant, number)
LEFT JOIN experiment_cell c ON c.site = e.site
	AND c.experiment = e.experiment AND c.variant = v.variant
GROUP BY e.site, e.experiment, v.number, v.variant;
COMMENT ON VIEW experiment_arms IS 'The sums of each arm: what all statistics of experiments are functions of';
COMMENT ON COLUMN experiment_arms.site IS 'Site id';
COMMENT ON COLUMN experiment_arms.experiment IS 'Experiment';
COMMENT ON COLUMN experiment_arms.number IS 'Place of the arm, 1 is the control';
COMMENT ON COLUMN experiment_arms.variant IS 'Arm';
COMMENT ON COLUMN experiment_arms.weight_micros IS 'Its weight';
COMMENT ON COLUMN experiment_arms.customers IS 'Customers';
COMMENT ON COLUMN experiment_arms.converted IS 'Of these: converted';
COMMENT ON COLUMN experiment_arms.sum_y IS 'Sum of their revenue in micros, capped';
COMMENT ON COLUMN experiment_arms.sum_y2 IS 'Sum of its squares';
COMMENT ON COLUMN experiment_arms.sum_x IS 'Sum of their revenue before';
COMMENT ON COLUMN experiment_arms.sum_x2 IS 'Sum of its squares';
COMMENT ON COLUMN experiment_arms.sum_xy IS 'Sum of the products of both';
COMMENT ON COLUMN experiment_arms.revision IS 'Grows whenever a sum changes';

-- Written by the aggregator, within seconds after sums have changed.
CREATE TABLE experiment_readout (
	site text COLLATE "C" NOT NULL,
	experiment text COLLATE "C" NOT NULL,
	variant text COLLATE "C" NOT NULL,
	revision bigint NOT NULL,
	srm_chi2 double precision,
	srm_p double precision,
	statistic text[] COLLATE "C" NOT NULL,
	value double precision[] NOT NULL,
	computed_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (site, experiment, variant)
);
COMMENT ON TABLE experiment_readout IS 'What each arm says against its control, as last computed';
COMMENT ON COLUMN experiment_readout.site IS 'Site id';
COMMENT ON COLUMN experiment_readout.experiment IS 'Experiment';
COMMENT ON COLUMN experiment_readout.variant IS 'Arm';
COMMENT ON COLUMN experiment_readout.revision IS 'Sum of the arms'' revisions it was computed from';
COMMENT ON COLUMN experiment_readout.srm_chi2 IS 'Chi-square of all arms'' customers against the weights';
COMMENT ON COLUMN experiment_readout.srm_p IS 'How likely one as high is by chance';
COMMENT ON COLUMN experiment_readout.statistic IS 'Names, as columns of experiment_results; empty for the control and while there is too little';
COMMENT ON COLUMN experiment_readout.value IS 'Values, same order; NULL: cannot be said';
COMMENT ON COLUMN experiment_readout.computed_at IS 'When';

CREATE FUNCTION readout_value(r experiment_readout, name text)
RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
	SELECT r.value[array_position(r.statistic, name)]
$$;
COMMENT ON FUNCTION readout_value(experiment_readout, text) IS 'One statistic of a readout by its name';

CREATE VIEW experiment_results AS
WITH other AS (
	SELECT c.site, c.experiment,
		sum(c.n) FILTER (WHERE c.variant = '') AS excluded,
		sum(c.n) FILTER (WHERE c.variant <> ''
			AND c.variant <> ALL (e.variants)) AS unknown
	FROM experiment_cell c
	JOIN experiment e USING (site, experiment)
	GROUP BY 1, 2
), arm AS (
	SELECT a.*, e.kind, e.goal, e.planned_n, e.configured, e.starts_at,
		e.ends_at, e.variants, e.cuped_window, r.srm_chi2, r.srm_p,
		r.revision AS computed_revision, r.computed_at,
		CASE WHEN r.srm_p >= 0.001 THEN r END AS r,
		bool_or(cardinality(r.statistic) > 0) OVER w AS any_said,
		min(a.customers) OVER w AS fewest,
		sum(a.revision) OVER w AS all_revisions,
		coalesce(r.srm_p < 0.001, false) AS withheld
	FROM experiment_arms a
	JOIN experiment e USING (site, experiment)
	LEFT JOIN experiment_readout r USING (site, experiment, variant)
	WINDOW w AS (PARTITION BY a.site, a.experiment)
), told AS (
	SELECT a.*, planned_n > 0 AND fewest >= planned_n AS complete,
		CASE WHEN number = 1 THEN coalesce(any_said, false)
		ELSE coalesce(cardinality((r).statistic) > 0, false)
		END AS enough
	FROM arm a
)
SELECT t.site, t.experiment, t.kind, t.goal, t.variant,
	CASE WHEN t.number > 1 THEN t.variants[1] END AS control,
	CASE
	WHEN NOT t.configured THEN 'not in the configuration'
	WHEN t.withheld THEN 'withheld: SRM'
	WHEN t.starts_at > now() THEN 'not started'
	WHEN NOT t.enough THEN 'not enough data'
	WHEN t.ends_at <= now() THEN 'ended'
	WHEN t.complete THEN 'planned n reached'
	ELSE 'running'
	END AS status,
	t.planned_n, t.customers,
	coalesce(o.excluded, 0)::bigint AS excluded,
	coalesce(o.unknown, 0)::bigint AS unknown,
	t.srm_chi2, t.srm_p,
	CASE WHEN NOT t.withheld THEN t.converted END AS converted,
	CASE WHEN NOT t.withheld
		THEN (t.sum_y * 0.000001)::numeric(38,6) END AS revenue,
	CASE WHEN NOT t.withheld THEN
		t.converted::double precision / nullif(t.customers, 0)
	END AS rate,
	CASE WHEN NOT t.withheld THEN
		t.sum_y::double precision / 1e6 / nullif(t.customers, 0)
	END AS revenue_per_customer,
	readout_value(t.r, 'difference') AS difference,
	readout_value(t.r, 'newcombe_low') AS difference_low,
	readout_value(t.r, 'newcombe_high') AS difference_high,
	readout_value(t.r, 'wald_low') AS difference_wald_low,
	readout_value(t.r, 'wald_high') AS difference_wald_high,
	readout_value(t.r, 'z') AS z,
	CASE WHEN t.complete THEN readout_value(t.r, 'z_p') END AS p_value,
	readout_value(t.r, 'rate_lift') AS rate_lift,
	readout_value(t.r, 'rate_lift_sequential_low') AS rate_lift_low,
	readout_value(t.r, 'rate_lift_sequential_high') AS rate_lift_high,
	readout_value(t.r, 'rate_lift_sequential_p') AS rate_sequential_p,
	CASE WHEN t.complete THEN readout_value(t.r, 'rate_lift_p') END AS rate_lift_p,
	readout_value(t.r, 'mean_difference') AS revenue_difference,
	readout_value(t.r, 'mean_low') AS revenue_difference_low,
	readout_value(t.r, 'mean_high') AS revenue_difference_high,
	readout_value(t.r, 't') AS t,
	readout_value(t.r, 'df') AS df,
	CASE WHEN t.complete THEN readout_value(t.r, 't_p') END AS revenue_p_value,
	readout_value(t.r, 'mean_lift') AS revenue_lift,
	readout_value(t.r, 'mean_lift_low') AS revenue_lift_fixed_low,
	readout_value(t.r, 'mean_lift_high') AS revenue_lift_fixed_high,
	readout_value(t.r, 'mean_lift_sequential_low') AS revenue_lift_low,
	readout_value(t.r, 'mean_lift_sequential_high') AS revenue_lift_high,
	readout_value(t.r, 'mean_lift_sequential_p') AS revenue_sequential_p,
	CASE WHEN t.complete THEN readout_value(t.r, 'mean_lift_p') END AS revenue_lift_p,
	CASE WHEN t.cuped_window IS NOT NULL
		THEN readout_value(t.r, 'cuped_lift') END AS cuped_lift,
	CASE WHEN t.cuped_window IS NOT NULL
		THEN readout_value(t.r, 'cuped_lift_sequential_low') END AS cuped_lift_low,
	CASE WHEN t.cuped_window IS NOT NULL
		THEN readout_value(t.r, 'cuped_lift_sequential_high') END AS cuped_lift_high,
	CASE WHEN t.cuped_window IS NOT NULL
		THEN readout_value(t.r, 'cuped_lift_sequential_p') END AS cuped_sequential_p,
	CASE WHEN t.cuped_window IS NOT NULL AND t.complete
		THEN readout_value(t.r, 'cuped_lift_p') END AS cuped_lift_p,
	CASE WHEN t.cuped_window IS NOT NULL
		THEN readout_value(t.r, 'cuped_theta') END AS cuped_theta,
	CASE WHEN t.cuped_window IS NOT NULL
		THEN readout_value(t.r, 'cuped_reduction') END AS cuped_reduction,
	readout_value(t.r, 'chance') AS chance_to_win,
	readout_value(t.r, 'loss_variant') AS loss,
	readout_value(t.r, 'loss_control') AS loss_control,
	t.computed_at,
	t.computed_revision IS NOT DISTINCT FROM t.all_revisions AS up_to_date,
	s.currency, t.number
FROM told t
LEFT JOIN other o USING (site, experiment)
LEFT JOIN site s ON s.site = t.site;
COMMENT ON VIEW experiment_results IS 'What each experiment says: a row per arm, all but the first held against the control';
COMMENT ON COLUMN experiment_results.site IS 'Site id';
COMMENT ON COLUMN experiment_results.experiment IS 'Experiment';
COMMENT ON COLUMN experiment_results.kind IS 'test or holdout';
COMMENT ON COLUMN experiment_results.goal IS 'Conversions of this goal count';
COMMENT ON COLUMN experiment_results.variant IS 'Arm';
COMMENT ON COLUMN experiment_results.control IS 'Arm it is held against; NULL for the control itself';
COMMENT ON COLUMN experiment_results.status IS 'running, planned n reached, ended; not started; not enough data: fewer than 100 customers in either arm or 10 conversions in both; withheld: SRM: the customers are split as chance does not (p < 0.001), so nothing is said; not in the configuration';
COMMENT ON COLUMN experiment_results.planned_n IS 'Customers an arm that were planned; 0: none';
COMMENT ON COLUMN experiment_results.customers IS 'Customers whose first exposure was to this arm';
COMMENT ON COLUMN experiment_results.excluded IS 'Customers of the experiment seen in two arms: in none of them';
COMMENT ON COLUMN experiment_results.unknown IS 'Customers of the experiment whose arm is not in the configuration';
COMMENT ON COLUMN experiment_results.srm_chi2 IS 'Chi-square of the arms'' customers against their weights';
COMMENT ON COLUMN experiment_results.srm_p IS 'How likely one as high is by chance';
COMMENT ON COLUMN experiment_results.converted IS 'Customers that converted after their exposure';
COMMENT ON COLUMN experiment_results.revenue IS 'Their revenue less refunds, capped per customer';
COMMENT ON COLUMN experiment_results.rate IS 'converted / customers';
COMMENT ON COLUMN experiment_results.revenue_per_customer IS 'revenue / customers';
COMMENT ON COLUMN experiment_results.difference IS 'Rate less the control''s';
COMMENT ON COLUMN experiment_results.difference_low IS 'Lower end of its 95 % interval by Newcombe, good for few conversions; fixed horizon';
COMMENT ON COLUMN experiment_results.difference_high IS 'Upper end';
COMMENT ON COLUMN experiment_results.difference_wald_low IS 'Lower end of its 95 % interval by Wald; fixed horizon';
COMMENT ON COLUMN experiment_results.difference_wald_high IS 'Upper end';
COMMENT ON COLUMN experiment_results.z IS 'Pooled z of the rates';
COMMENT ON COLUMN experiment_results.p_value IS 'Its two-sided p; only once each arm has its planned n';
COMMENT ON COLUMN experiment_results.rate_lift IS 'Rate / the control''s - 1';
COMMENT ON COLUMN experiment_results.rate_lift_low IS 'Lower end of its always-valid 95 % interval';
COMMENT ON COLUMN experiment_results.rate_lift_high IS 'Upper end';
COMMENT ON COLUMN experiment_results.rate_sequential_p IS 'Its always-valid p: holds however often one looks';
COMMENT ON COLUMN experiment_results.rate_lift_p IS 'Its fixed-horizon p by the delta method; only once each arm has its planned n';
COMMENT ON COLUMN experiment_results.revenue_difference IS 'Revenue per customer less the control''s';
COMMENT ON COLUMN experiment_results.revenue_difference_low IS 'Lower end of its 95 % interval by Welch; fixed horizon';
COMMENT ON COLUMN experiment_results.revenue_difference_high IS 'Upper end';
COMMENT ON COLUMN experiment_results.t IS 'Welch''s t';
COMMENT ON COLUMN experiment_results.df IS 'Its degrees of freedom';
COMMENT ON COLUMN experiment_results.revenue_p_value IS 'Its two-sided p; only once each arm has its planned n';
COMMENT ON COLUMN experiment_results.revenue_lift IS 'Revenue per customer / the control''s - 1';
COMMENT ON COLUMN experiment_results.revenue_lift_fixed_low IS 'Lower end of its 95 % interval by the delta method; fixed horizon';
COMMENT ON COLUMN experiment_results.revenue_lift_fixed_high IS 'Upper end';
COMMENT ON COLUMN experiment_results.revenue_lift_low IS 'Lower end of its always-valid 95 % interval';
COMMENT ON COLUMN experiment_results.revenue_lift_high IS 'Upper end';
COMMENT ON COLUMN experiment_results.revenue_sequential_p IS 'Its always-valid p';
COMMENT ON COLUMN experiment_results.revenue_lift_p IS 'Its fixed-horizon p by the delta method; only once each arm has its planned n';
COMMENT ON COLUMN experiment_results.cuped_lift IS 'Revenue lift adjusted by what the customers spent before (CUPED)';
COMMENT ON COLUMN experiment_results.cuped_lift_low IS 'Lower end of its always-valid 95 % interval';
COMMENT ON COLUMN experiment_results.cuped_lift_high IS 'Upper end';
COMMENT ON COLUMN experiment_results.cuped_sequential_p IS 'Its always-valid p';
COMMENT ON COLUMN experiment_results.cuped_lift_p IS 'Its fixed-horizon p; only once each arm has its planned n';
COMMENT ON COLUMN experiment_results.cuped_theta IS 'Weight of what was spent before';
COMMENT ON COLUMN experiment_results.cuped_reduction IS 'Part of the variance that the adjustment takes away';
COMMENT ON COLUMN experiment_results.chance_to_win IS 'Bayes: how likely its rate is above the control''s, priors uniform';
COMMENT ON COLUMN experiment_results.loss IS 'Bayes: expected loss of rate when it is chosen';
COMMENT ON COLUMN experiment_results.loss_control IS 'Bayes: expected loss of rate when the control is kept';
COMMENT ON COLUMN experiment_results.computed_at IS 'When the statistics were computed';
COMMENT ON COLUMN experiment_results.up_to_date IS 'Whether no sum has changed since';
COMMENT ON COLUMN experiment_results.currency IS 'Reporting currency';
COMMENT ON COLUMN experiment_results.number IS 'Place of the arm, 1 is the control';

CREATE VIEW experiment_incrementality AS
WITH effect AS (
	SELECT e.site, e.experiment, e.campaigns, e.split_clicks, r.status,
		r.customers AS exposed, h.customers AS held_out,
		r.revenue_per_customer, h.revenue_per_customer AS held_out_revenue,
		r.customers * r.difference AS conversions,
		r.customers * r.difference_low AS conversions_low,
		r.customers * r.difference_high AS conversions_high,
		r.customers * r.revenue_difference AS revenue,
		r.customers * r.revenue_difference_low AS revenue_low,
		r.customers * r.revenue_difference_high AS revenue_high,
		coalesce((e.starts_at AT TIME ZONE s.timezone)::date,
			(SELECT min(c.day) FROM experiment_cell c
			WHERE c.site = e.site AND c.experiment = e.experiment
				AND c.n > 0)) AS first_day,
		coalesce(((e.ends_at - interval '1 millisecond')
			AT TIME ZONE s.timezone)::date, 'infinity') AS last_day,
		s.currency
	FROM experiment e
	JOIN site s USING (site)
	JOIN experiment_results r ON r.site = e.site
		AND r.experiment = e.experiment AND r.number = 2
	JOIN experiment_results h ON h.site = e.site
		AND h.experiment = e.experiment AND h.number = 1
	WHERE e.kind = 'holdout'
), spend AS (
	SELECT f.site, f.experiment, CASE WHEN bool_and(c.cost_micros IS NOT NULL)
		THEN sum(c.cost_micros)::double precision / 1e6 END AS cost
	FROM effect f
	JOIN dimension d ON d.site = f.site AND d.campaign = ANY (f.campaigns)
	JOIN cost c ON c.dim = d.dim AND c.day BETWEEN f.first_day AND f.last_day
	GROUP BY 1, 2
), credited AS (
	SELECT f.site, f.experiment, c.model_id,
		sum(c.value_micros - c.refund_micros)::double precision / 1e6
			AS revenue
	FROM effect f
	JOIN dimension d ON d.site = f.site AND d.campaign = ANY (f.campaigns)
	JOIN campaign_daily c ON c.dim = d.dim AND c.basis = 1
		AND c.day BETWEEN f.first_day AND f.last_day
	GROUP BY 1, 2, 3
), priced AS (
	SELECT f.*, p.cost, CASE WHEN f.split_clicks
		THEN p.cost * f.exposed / nullif(f.exposed + f.held_out, 0)
		ELSE p.cost END AS exposed_cost
	FROM effect f
	LEFT JOIN spend p USING (site, experiment)
)
SELECT f.site, f.experiment, f.campaigns, f.status, m.model,
	f.first_day, nullif(f.last_day, 'infinity') AS last_day,
	f.exposed, f.held_out, f.revenue_per_customer,
	f.held_out_revenue AS held_out_revenue_per_customer,
	f.conversions AS incremental_conversions,
	f.conversions_low AS incremental_conversions_low,
	f.conversions_high AS incremental_conversions_high,
	f.revenue AS incremental_revenue,
	f.revenue_low AS incremental_revenue_low,
	f.revenue_high AS incremental_revenue_high,
	f.cost, f.exposed_cost,
	f.revenue / nullif(f.exposed_cost, 0) AS incremental_roas,
	f.revenue_low / nullif(f.exposed_cost, 0) AS incremental_roas_low,
	f.revenue_high / nullif(f.exposed_cost, 0) AS incremental_roas_high,
	coalesce(c.revenue, 0) AS attributed_revenue,
	coalesce(c.revenue, 0) / nullif(f.cost, 0) AS attributed_roas,
	f.currency
FROM priced f
CROSS JOIN model m
LEFT JOIN credited c ON c.site = f.site AND c.experiment = f.experiment
	AND c.model_id = m.model_id
WHERE NOT m.trained OR c.revenue IS NOT NULL;
COMMENT ON VIEW experiment_incrementality IS 'What campaigns caused, by a holdout, beside what a model credits them with; a row per holdout and model';
COMMENT ON COLUMN experiment_incrementality.site IS 'Site id';
COMMENT ON COLUMN experiment_incrementality.experiment IS 'Holdout';
COMMENT ON COLUMN experiment_incrementality.campaigns IS 'Campaigns it is about';
COMMENT ON COLUMN experiment_incrementality.status IS 'As in experiment_results; what was caused is NULL where it is withheld or not enough';
COMMENT ON COLUMN experiment_incrementality.model IS 'Attribution model of attributed_revenue';
COMMENT ON COLUMN experiment_incrementality.first_day IS 'First day of cost and credit';
COMMENT ON COLUMN experiment_incrementality.last_day IS 'Last day; NULL: until now';
COMMENT ON COLUMN experiment_incrementality.exposed IS 'Customers not held out';
COMMENT ON COLUMN experiment_incrementality.held_out IS 'Customers held out';
COMMENT ON COLUMN experiment_incrementality.revenue_per_customer IS 'Of the exposed';
COMMENT ON COLUMN experiment_incrementality.held_out_revenue_per_customer IS 'Of those held out';
COMMENT ON COLUMN experiment_incrementality.incremental_conversions IS 'Customers that converted and would not have';
COMMENT ON COLUMN experiment_incrementality.incremental_conversions_low IS 'Lower end of its 95 % interval';
COMMENT ON COLUMN experiment_incrementality.incremental_conversions_high IS 'Upper end';
COMMENT ON COLUMN experiment_incrementality.incremental_revenue IS 'Revenue that would not have been: exposed times the difference per customer';
COMMENT ON COLUMN experiment_incrementality.incremental_revenue_low IS 'Lower end of its 95 % interval by Welch';
COMMENT ON COLUMN experiment_incrementality.incremental_revenue_high IS 'Upper end';
COMMENT ON COLUMN experiment_incrementality.cost IS 'Cost of the campaigns in these days; NULL while there is none or a rate is missing';
COMMENT ON COLUMN experiment_incrementality.exposed_cost IS 'The part of it spent on the exposed: all, but where clicks were split';
COMMENT ON COLUMN experiment_incrementality.incremental_roas IS 'incremental_revenue / exposed_cost';
COMMENT ON COLUMN experiment_incrementality.incremental_roas_low IS 'Lower end of its 95 % interval';
COMMENT ON COLUMN experiment_incrementality.incremental_roas_high IS 'Upper end';
COMMENT ON COLUMN experiment_incrementality.attributed_revenue IS 'Net revenue that the model credits to touches of these days';
COMMENT ON COLUMN experiment_incrementality.attributed_roas IS 'attributed_revenue / cost';
COMMENT ON COLUMN experiment_incrementality.currency IS 'Reporting currency';
