-- The shop's own orders against what was tracked, spend against touches, and
-- what more spend would bring.

CREATE TABLE order_file (
	file_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	site text COLLATE "C" NOT NULL,
	file text NOT NULL,
	orders bigint NOT NULL,
	refused bigint NOT NULL,
	first_day date,
	last_day date,
	imported_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE order_file IS 'Order exports read by afterclick reconcile';
COMMENT ON COLUMN order_file.file_id IS 'Number of the reading';
COMMENT ON COLUMN order_file.site IS 'Site id';
COMMENT ON COLUMN order_file.file IS 'Name of the file';
COMMENT ON COLUMN order_file.orders IS 'Orders taken';
COMMENT ON COLUMN order_file.refused IS 'Rows refused';
COMMENT ON COLUMN order_file.first_day IS 'Reporting day of its first order: from here on a tracked order that no export knows is extra';
COMMENT ON COLUMN order_file.last_day IS 'Reporting day of its last order';
COMMENT ON COLUMN order_file.imported_at IS 'When';

CREATE TABLE shop_order (
	site text COLLATE "C" NOT NULL,
	order_id text COLLATE "C" NOT NULL,
	day date NOT NULL,
	ordered_at timestamptz NOT NULL,
	amount_micros bigint NOT NULL,
	currency text COLLATE "C" NOT NULL,
	cancelled boolean NOT NULL,
	file_id bigint NOT NULL,
	PRIMARY KEY (site, order_id)
);
CREATE INDEX shop_order_day ON shop_order (site, day);
COMMENT ON TABLE shop_order IS 'Orders by the shop''s own export, of each the newest reading; nothing about the buyer';
COMMENT ON COLUMN shop_order.site IS 'Site id';
COMMENT ON COLUMN shop_order.order_id IS 'Order id, as the site''s conversions name it';
COMMENT ON COLUMN shop_order.day IS 'Reporting day in the site''s time zone';
COMMENT ON COLUMN shop_order.ordered_at IS 'When it was ordered';
COMMENT ON COLUMN shop_order.amount_micros IS 'Amount in micros of its own currency';
COMMENT ON COLUMN shop_order.currency IS 'ISO 4217 code of the amount';
COMMENT ON COLUMN shop_order.cancelled IS 'Whether the shop calls it cancelled, voided, failed or the like';
COMMENT ON COLUMN shop_order.file_id IS 'Reading that brought it';

CREATE TABLE click_id_limit (
	parameter text COLLATE "C" PRIMARY KEY,
	days integer NOT NULL
);
COMMENT ON TABLE click_id_limit IS 'How long after the click its ad platform takes a conversion of it';
COMMENT ON COLUMN click_id_limit.parameter IS 'Parameter that carries the click id';
COMMENT ON COLUMN click_id_limit.days IS 'Days';
INSERT INTO click_id_limit VALUES ('gclid', 90), ('gbraid', 90),
	('wbraid', 90), ('msclkid', 90), ('li_fat_id', 90);

-- Computed when it is read: a conversion that comes late changes the status
-- of its order without another reading of the export.
CREATE VIEW order_reconciliation AS
WITH tracked AS (
	SELECT c.site, c.order_id, count(*) AS reports,
		min(c.event_id) FILTER (WHERE o.state IS DISTINCT FROM 1)
			AS event_id,
		max(c.value_micros) FILTER (WHERE o.state IS DISTINCT FROM 1)
			AS amount_micros,
		max(c.currency) FILTER (WHERE o.state IS DISTINCT FROM 1)
			AS currency,
		min(c.ts) FILTER (WHERE o.state IS DISTINCT FROM 1) AS ts
	FROM conversion c
	LEFT JOIN outcome o ON o.site = c.site AND o.event_id = c.event_id
	WHERE c.purchase AND c.order_id IS NOT NULL
	GROUP BY 1, 2
), both_sides AS (
	SELECT coalesce(s.site, t.site) AS site,
		coalesce(s.order_id, t.order_id) AS order_id,
		coalesce(s.day, (t.ts AT TIME ZONE
			coalesce(p.timezone, 'UTC'))::date) AS day,
		s.ordered_at, s.amount_micros AS shop_micros,
		s.currency AS shop_currency, s.cancelled,
		t.amount_micros, t.currency, t.event_id,
		coalesce(t.reports, 0) AS reports, p.currency AS reporting,
		s.order_id IS NOT NULL AS in_shop,
		t.order_id IS NOT NULL AS in_tables
	FROM shop_order s
	FULL JOIN tracked t ON t.site = s.site AND t.order_id = s.order_id
	LEFT JOIN site p ON p.site = coalesce(s.site, t.site)
)
SELECT b.site, b.day, b.order_id,
	CASE
	WHEN NOT b.in_shop THEN 'extra'
	WHEN b.cancelled THEN 'cancelled'
	WHEN NOT b.in_tables THEN 'missing'
	WHEN (b.amount_micros, b.currency)
		IS DISTINCT FROM (b.shop_micros, b.shop_currency)
		THEN 'different amount'
	ELSE 'matched'
	END AS status,
	(b.shop_micros * 0.000001)::numeric(38,6) AS shop_amount,
	b.shop_currency,
	(b.amount_micros * 0.000001)::numeric(38,6) AS tracked_amount,
	b.currency AS tracked_currency,
	b.reports, greatest(b.reports - 1, 0) AS duplicates, b.event_id,
	CASE
	WHEN NOT b.in_shop THEN NULL
	WHEN b.shop_currency = b.reporting
		THEN (b.shop_micros * 0.000001)::numeric(38,6)
	ELSE (SELECT (round(b.shop_micros * 0.000001 * r.rate_micros)
			* 0.000001)::numeric(38,6)
		FROM fx_rate r
		WHERE r.base = b.reporting AND r.currency = b.shop_currency
			AND r.day <= b.day AND r.day > b.day - 8
		ORDER BY r.day DESC LIMIT 1)
	END AS shop_revenue
FROM both_sides b
WHERE b.in_shop OR EXISTS (
	SELECT FROM order_file f
	WHERE f.site = b.site AND b.day BETWEEN f.first_day AND f.last_day
);
COMMENT ON VIEW order_reconciliation IS 'Each order of the shop''s exports beside what was tracked of it; kept current as conversions arrive';
COMMENT ON COLUMN order_reconciliation.site IS 'Site id';
COMMENT ON COLUMN order_reconciliation.day IS 'Reporting day of the order';
COMMENT ON COLUMN order_reconciliation.order_id IS 'Order id';
COMMENT ON COLUMN order_reconciliation.status IS 'matched; different amount (or currency); missing: not tracked; extra: tracked, but in no export of its day; cancelled: by the shop';
COMMENT ON COLUMN order_reconciliation.shop_amount IS 'Amount by the shop';
COMMENT ON COLUMN order_reconciliation.shop_currency IS 'Currency of shop_amount';
COMMENT ON COLUMN order_reconciliation.tracked_amount IS 'Value of the conversion that counts';
COMMENT ON COLUMN order_reconciliation.tracked_currency IS 'Currency of tracked_amount';
COMMENT ON COLUMN order_reconciliation.reports IS 'How often the order was reported; one report counts';
COMMENT ON COLUMN order_reconciliation.duplicates IS 'Reports beyond the first';
COMMENT ON COLUMN order_reconciliation.event_id IS 'Event id of the conversion that counts';
COMMENT ON COLUMN order_reconciliation.shop_revenue IS 'shop_amount in the reporting currency; NULL without a rate of the week before';

CREATE VIEW order_coverage AS
WITH days AS (
	SELECT site, day,
		count(*) FILTER (WHERE status IN ('matched', 'missing',
			'different amount')) AS orders,
		count(*) FILTER (WHERE status = 'matched') AS matched,
		count(*) FILTER (WHERE status = 'missing') AS missing,
		count(*) FILTER (WHERE status = 'different amount')
			AS different_amount,
		count(*) FILTER (WHERE status = 'extra') AS extra,
		count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
		count(*) FILTER (WHERE duplicates > 0) AS duplicate,
		coalesce(sum(shop_revenue) FILTER (WHERE status IN ('matched',
			'missing', 'different amount')), 0) AS shop_revenue,
		coalesce(sum(shop_revenue) FILTER (WHERE status IN ('matched',
			'different amount')), 0) AS tracked_revenue
	FROM order_reconciliation
	GROUP BY site, day
), period AS (
	SELECT d.*, sum(shop_revenue) OVER w AS period_revenue,
		sum(tracked_revenue) OVER w AS period_tracked
	FROM days d
	WINDOW w AS (PARTITION BY site ORDER BY day
		RANGE BETWEEN interval '27 days' PRECEDING AND CURRENT ROW)
)
SELECT site, day, orders, matched, missing, different_amount, extra,
	cancelled, duplicate, shop_revenue::numeric(38,6) AS shop_revenue,
	tracked_revenue::numeric(38,6) AS tracked_revenue,
	round((matched + different_amount)::numeric / nullif(orders, 0), 6)
		AS order_coverage,
	round(tracked_revenue / nullif(shop_revenue, 0), 6) AS coverage,
	round(period_tracked / nullif(period_revenue, 0), 6)
		AS period_coverage
FROM period;
COMMENT ON VIEW order_coverage IS 'How much of the shop''s orders was tracked, measured per day by the shop''s own export';
COMMENT ON COLUMN order_coverage.site IS 'Site id';
COMMENT ON COLUMN order_coverage.day IS 'Reporting day of the orders';
COMMENT ON COLUMN order_coverage.orders IS 'Orders of the shop that it did not cancel';
COMMENT ON COLUMN order_coverage.matched IS 'Of these: tracked with the same amount and currency';
COMMENT ON COLUMN order_coverage.missing IS 'Of these: not tracked';
COMMENT ON COLUMN order_coverage.different_amount IS 'Of these: tracked with another amount or currency';
COMMENT ON COLUMN order_coverage.extra IS 'Tracked orders that no export of their day knows';
COMMENT ON COLUMN order_coverage.cancelled IS 'Orders the shop cancelled';
COMMENT ON COLUMN order_coverage.duplicate IS 'Orders reported more than once; one report counts';
COMMENT ON COLUMN order_coverage.shop_revenue IS 'Amounts of orders by the shop, in the reporting currency; without orders that wait for a rate';
COMMENT ON COLUMN order_coverage.tracked_revenue IS 'The part of shop_revenue whose orders were tracked';
COMMENT ON COLUMN order_coverage.order_coverage IS '(matched + different_amount) / orders';
COMMENT ON COLUMN order_coverage.coverage IS 'tracked_revenue / shop_revenue';
COMMENT ON COLUMN order_coverage.period_coverage IS 'The same over the 28 days up to this one: a day alone has few orders';

CREATE VIEW campaign_roi_coverage AS
SELECT r.site, r.day, r.date_basis, r.model, r.channel, r.source, r.medium,
	r.campaign, r.net_revenue, r.cost, r.roas, c.coverage AS day_coverage,
	c.period_coverage AS coverage,
	round(r.net_revenue * f.factor, 6) AS corrected_net_revenue,
	round(r.net_revenue * f.factor / nullif(r.cost, 0), 6)
		AS corrected_roas
FROM campaign_roi_daily r
LEFT JOIN order_coverage c ON c.site = r.site AND c.day = r.day
CROSS JOIN LATERAL (
	SELECT 1 + coalesce(r.order_revenue / nullif(r.gross_revenue, 0), 0)
		* (1 / nullif(c.period_coverage, 0) - 1) AS factor
) f;
COMMENT ON VIEW campaign_roi_coverage IS 'Return on each campaign as measured and corrected for orders that were not tracked; the correction takes it that those came by the campaigns as the tracked ones did';
COMMENT ON COLUMN campaign_roi_coverage.site IS 'Site id';
COMMENT ON COLUMN campaign_roi_coverage.day IS 'Reporting day in the site''s time zone';
COMMENT ON COLUMN campaign_roi_coverage.date_basis IS 'conversion or touch: whose day it is';
COMMENT ON COLUMN campaign_roi_coverage.model IS 'Attribution model';
COMMENT ON COLUMN campaign_roi_coverage.channel IS 'Channel';
COMMENT ON COLUMN campaign_roi_coverage.source IS 'Source';
COMMENT ON COLUMN campaign_roi_coverage.medium IS 'Medium';
COMMENT ON COLUMN campaign_roi_coverage.campaign IS 'Campaign';
COMMENT ON COLUMN campaign_roi_coverage.net_revenue IS 'Credited revenue less refunds, as measured';
COMMENT ON COLUMN campaign_roi_coverage.cost IS 'Cost; NULL while a currency rate is missing';
COMMENT ON COLUMN campaign_roi_coverage.roas IS 'Raw: net_revenue / cost';
COMMENT ON COLUMN campaign_roi_coverage.day_coverage IS 'Coverage measured on the day alone';
COMMENT ON COLUMN campaign_roi_coverage.coverage IS 'Coverage measured over the 28 days up to this one; NULL where no export was read';
COMMENT ON COLUMN campaign_roi_coverage.corrected_net_revenue IS 'Coverage-corrected: the part of net_revenue that comes from orders, divided by coverage, and the rest';
COMMENT ON COLUMN campaign_roi_coverage.corrected_roas IS 'Coverage-corrected: corrected_net_revenue / cost';

-- Trigrams as pg_trgm makes them; the extension may not be there for us.
CREATE FUNCTION trigrams(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
	SELECT coalesce(array_agg(DISTINCT substr(w.word, i, 3)), '{}')
	FROM (
		SELECT '  ' || m || ' ' AS word
		FROM regexp_split_to_table(lower(name), '[^[:alnum:]]+') m
		WHERE m <> ''
	) w
	CROSS JOIN LATERAL generate_series(1, length(w.word) - 2) i
$$;
COMMENT ON FUNCTION trigrams(text) IS 'The set of three-letter pieces of the words of a name, each word with two blanks before and one behind it';

CREATE VIEW campaign_alias_candidates AS
WITH spend AS (
	SELECT dim, (sum(coalesce(cost_micros, 0)) * 0.000001)::numeric(38,6)
		AS cost
	FROM cost GROUP BY dim
), traffic AS (
	SELECT dim, sum(touches)::bigint AS touches
	FROM traffic_daily GROUP BY dim HAVING sum(touches) > 0
), name AS MATERIALIZED (
	SELECT d.dim, d.site, d.source, d.medium, d.campaign, s.cost,
		t.touches, trigrams(d.campaign) AS grams
	FROM dimension d
	LEFT JOIN spend s USING (dim)
	LEFT JOIN traffic t USING (dim)
	WHERE (s.dim IS NULL) <> (t.dim IS NULL)
		AND d.campaign NOT LIKE '(%)'
), piece AS MATERIALIZED (
	SELECT n.dim, n.site, n.cost IS NOT NULL AS spends, g.gram
	FROM name n CROSS JOIN LATERAL unnest(n.grams) AS g (gram)
), pair AS (
	SELECT a.dim AS spend_dim, b.dim AS touch_dim, count(*) AS common
	FROM piece a
	JOIN piece b ON b.site = a.site AND b.gram = a.gram AND NOT b.spends
	WHERE a.spends
	GROUP BY 1, 2
), scored AS (
	SELECT a.site, a.source AS spend_source, a.medium AS spend_medium,
		a.campaign AS spend_campaign, b.source AS touch_source,
		b.medium AS touch_medium, b.campaign AS touch_campaign,
		round(p.common::numeric / (cardinality(a.grams)
			+ cardinality(b.grams) - p.common), 4) AS similarity,
		a.cost, b.touches
	FROM pair p
	JOIN name a ON a.dim = p.spend_dim
	JOIN name b ON b.dim = p.touch_dim
)
SELECT * FROM scored WHERE similarity >= 0.3;
COMMENT ON VIEW campaign_alias_candidates IS 'Campaigns that spend and were never touched, beside campaigns that were touched and never cost anything and have a similar name: likely one campaign under two names';
COMMENT ON COLUMN campaign_alias_candidates.site IS 'Site id';
COMMENT ON COLUMN campaign_alias_candidates.spend_source IS 'Source in the costs';
COMMENT ON COLUMN campaign_alias_candidates.spend_medium IS 'Medium in the costs';
COMMENT ON COLUMN campaign_alias_candidates.spend_campaign IS 'Campaign in the costs';
COMMENT ON COLUMN campaign_alias_candidates.touch_source IS 'Source of the touches';
COMMENT ON COLUMN campaign_alias_candidates.touch_medium IS 'Medium of the touches';
COMMENT ON COLUMN campaign_alias_candidates.touch_campaign IS 'Campaign of the touches';
COMMENT ON COLUMN campaign_alias_candidates.similarity IS 'Trigrams the two campaign names share / all trigrams of both; 0.3 and more are listed';
COMMENT ON COLUMN campaign_alias_candidates.cost IS 'All the cost under the first name';
COMMENT ON COLUMN campaign_alias_candidates.touches IS 'All the touches under the second name';

CREATE VIEW spend_audit AS
WITH spend AS (
	SELECT day, dim, sum(coalesce(cost_micros, 0)) AS cost,
		count(*) FILTER (WHERE cost_micros IS NULL) AS waiting,
		sum(clicks)::bigint AS clicks
	FROM cost GROUP BY day, dim
), click AS (
	SELECT (t.ts AT TIME ZONE coalesce(s.timezone, 'UTC'))::date AS day,
		t.dim, count(*) AS click_ids,
		count(*) FILTER (WHERE t.ts < now() - make_interval(days => l.days))
			AS expired
	FROM touch t
	JOIN click_id_limit l ON l.parameter = split_part(t.click_id, '=', 1)
	JOIN dimension d ON d.dim = t.dim
	LEFT JOIN site s ON s.site = d.site
	GROUP BY 1, 2
), credited AS (
	SELECT day, dim, sum(conversions_micros) AS conversions
	FROM campaign_daily c
	JOIN model m USING (model_id)
	WHERE c.basis = 1 AND m.model = 'last_touch'
	GROUP BY day, dim
), alias AS (
	SELECT DISTINCT ON (site, spend_source, spend_medium, spend_campaign)
		site, spend_source, spend_medium, spend_campaign,
		touch_source || ' / ' || touch_medium || ' / ' || touch_campaign
			AS name, similarity
	FROM campaign_alias_candidates
	ORDER BY site, spend_source, spend_medium, spend_campaign,
		similarity DESC, touches DESC, touch_campaign, touch_source
), line AS (
	SELECT d.site, a.day, d.channel, d.source, d.medium, d.campaign,
		CASE WHEN coalesce(a.waiting, 0) = 0
			THEN (coalesce(a.cost, 0) * 0.000001)::numeric(38,6)
		END AS cost,
		coalesce(a.cost, 0) > 0 OR coalesce(a.waiting, 0) > 0 AS spends,
		a.clicks, coalesce(a.touches, 0) AS touches,
		coalesce(k.click_ids, 0) AS click_ids,
		coalesce(k.expired, 0) AS expired_click_ids,
		coalesce(c.conversions, 0) AS conversions,
		d.channel ~ '^(Paid |Display$|Cross-network$)'
			OR d.medium ~ '^(.*cp.*|ppc|retargeting|paid.*)$' AS paid,
		s.currency
	FROM (
		SELECT * FROM spend
		FULL JOIN (SELECT day, dim, touches FROM traffic_daily) t
			USING (day, dim)
	) a
	JOIN dimension d USING (dim)
	LEFT JOIN click k USING (day, dim)
	LEFT JOIN credited c USING (day, dim)
	LEFT JOIN site s ON s.site = d.site
)
SELECT l.site, l.day, l.channel, l.source, l.medium, l.campaign, l.cost,
	l.currency, l.clicks, l.touches,
	round(l.touches::numeric / nullif(l.clicks, 0), 6) AS tracking_rate,
	l.click_ids, l.expired_click_ids,
	array_to_string(ARRAY[
		CASE WHEN l.spends AND l.touches = 0
			THEN 'spend without touches' END,
		CASE WHEN l.paid AND l.touches > 0 AND NOT l.spends
			THEN 'touches without spend' END,
		CASE WHEN l.clicks >= 20 AND l.touches > 0
			AND l.touches < 0.5 * l.clicks
			THEN 'few clicks landed' END,
		CASE WHEN l.clicks >= 20 AND l.touches > 1.5 * l.clicks
			THEN 'more touches than clicks' END,
		CASE WHEN l.expired_click_ids > 0 AND l.conversions > 0
			THEN 'expired click ids' END
	], ', ') AS findings,
	x.name AS likely_alias, x.similarity
FROM line l
LEFT JOIN alias x ON l.spends AND l.touches = 0 AND x.site = l.site
	AND x.spend_source = l.source AND x.spend_medium = l.medium
	AND x.spend_campaign = l.campaign
WHERE l.spends OR l.touches > 0 OR l.clicks > 0;
COMMENT ON VIEW spend_audit IS 'Spend and touches of each campaign and day side by side, and what does not fit';
COMMENT ON COLUMN spend_audit.site IS 'Site id';
COMMENT ON COLUMN spend_audit.day IS 'Reporting day';
COMMENT ON COLUMN spend_audit.channel IS 'Channel';
COMMENT ON COLUMN spend_audit.source IS 'Source';
COMMENT ON COLUMN spend_audit.medium IS 'Medium';
COMMENT ON COLUMN spend_audit.campaign IS 'Campaign';
COMMENT ON COLUMN spend_audit.cost IS 'Cost; NULL while a currency rate is missing';
COMMENT ON COLUMN spend_audit.currency IS 'Reporting currency';
COMMENT ON COLUMN spend_audit.clicks IS 'Clicks by the ad platform''s count; NULL where it gave none';
COMMENT ON COLUMN spend_audit.touches IS 'Touches, the clicks that landed';
COMMENT ON COLUMN spend_audit.tracking_rate IS 'touches / clicks';
COMMENT ON COLUMN spend_audit.click_ids IS 'Touches with a click id of click_id_limit';
COMMENT ON COLUMN spend_audit.expired_click_ids IS 'Of these: clicked longer ago than the platform takes conversions for';
COMMENT ON COLUMN spend_audit.findings IS 'What does not fit, empty when all does: spend without touches; touches without spend (paid media); few clicks landed (tracking rate below 0.5, from 20 clicks on); more touches than clicks (above 1.5); expired click ids (of a day whose touches are credited with conversions, which can no longer be uploaded)';
COMMENT ON COLUMN spend_audit.likely_alias IS 'For spend without touches: the touched campaign without cost that has the most similar name';
COMMENT ON COLUMN spend_audit.similarity IS 'How similar, as in campaign_alias_candidates';

-- By the touch's day: what a day's spend brought, whenever it was bought.
CREATE VIEW budget_days AS
SELECT r.site, r.model, r.channel, r.source, r.medium, r.campaign, r.day,
	r.cost, r.net_revenue, r.currency,
	ntile(10) OVER (PARTITION BY r.site, r.model, r.source, r.medium,
		r.campaign ORDER BY r.cost, r.day) AS decile
FROM (
	SELECT *, max(day) OVER (PARTITION BY site) AS last_day
	FROM campaign_roi_daily
	WHERE date_basis = 'touch' AND cost > 0 AND day_status <> 'open'
) r
WHERE r.day > r.last_day - 90;
COMMENT ON VIEW budget_days IS 'What budget_suggestion is fitted to: days with spend of the last 90, each with its decile by spend';
COMMENT ON COLUMN budget_days.site IS 'Site id';
COMMENT ON COLUMN budget_days.model IS 'Attribution model';
COMMENT ON COLUMN budget_days.channel IS 'Channel';
COMMENT ON COLUMN budget_days.source IS 'Source';
COMMENT ON COLUMN budget_days.medium IS 'Medium';
COMMENT ON COLUMN budget_days.campaign IS 'Campaign';
COMMENT ON COLUMN budget_days.day IS 'Reporting day';
COMMENT ON COLUMN budget_days.cost IS 'Spend of the day';
COMMENT ON COLUMN budget_days.net_revenue IS 'Net revenue credited to the day''s touches';
COMMENT ON COLUMN budget_days.currency IS 'Reporting currency';
COMMENT ON COLUMN budget_days.decile IS 'Tenth of the campaign''s days by spend, 1 the lowest';

CREATE VIEW budget_deciles AS
SELECT site, model, channel, source, medium, campaign, decile,
	count(*) AS days, avg(cost)::numeric(38,6) AS spend,
	avg(net_revenue)::numeric(38,6) AS net_revenue,
	round(avg(net_revenue) / avg(cost), 6) AS roas,
	round((avg(net_revenue) - lag(avg(net_revenue)) OVER w)
		/ nullif(avg(cost) - lag(avg(cost)) OVER w, 0), 6)
		AS marginal_return
FROM budget_days
GROUP BY site, model, channel, source, medium, campaign, decile
WINDOW w AS (PARTITION BY site, model, channel, source, medium, campaign
	ORDER BY decile);
COMMENT ON VIEW budget_deciles IS 'Average day of each tenth of a campaign''s days by spend';
COMMENT ON COLUMN budget_deciles.site IS 'Site id';
COMMENT ON COLUMN budget_deciles.model IS 'Attribution model';
COMMENT ON COLUMN budget_deciles.channel IS 'Channel';
COMMENT ON COLUMN budget_deciles.source IS 'Source';
COMMENT ON COLUMN budget_deciles.medium IS 'Medium';
COMMENT ON COLUMN budget_deciles.campaign IS 'Campaign';
COMMENT ON COLUMN budget_deciles.decile IS 'Tenth of the days by spend, 1 the lowest';
COMMENT ON COLUMN budget_deciles.days IS 'Days in it';
COMMENT ON COLUMN budget_deciles.spend IS 'Average spend of a day';
COMMENT ON COLUMN budget_deciles.net_revenue IS 'Average net revenue of a day';
COMMENT ON COLUMN budget_deciles.roas IS 'net_revenue / spend';
COMMENT ON COLUMN budget_deciles.marginal_return IS 'Further net revenue / further spend against the tenth below';

-- net_revenue = a + b ln(spend), least squares: one more unit at spend s
-- returns b / s, less the more is spent. The t quantile is Cornish and
-- Fisher's expansion, good to 0.001 from 12 degrees of freedom on.
CREATE VIEW budget_suggestion AS
WITH fit AS (
	SELECT d.site, d.model, d.channel, d.source, d.medium, d.campaign,
		min(d.currency) AS currency, count(*) AS days,
		sum(d.cost) AS spend, sum(d.net_revenue) AS net_revenue,
		avg(d.cost)::float8 AS average, min(d.cost) AS least,
		max(d.cost) AS most,
		regr_slope(d.net_revenue::float8, ln(d.cost::float8)) AS slope,
		regr_sxx(d.net_revenue::float8, ln(d.cost::float8)) AS sxx,
		regr_syy(d.net_revenue::float8, ln(d.cost::float8)) AS syy,
		regr_sxy(d.net_revenue::float8, ln(d.cost::float8)) AS sxy,
		regr_r2(d.net_revenue::float8, ln(d.cost::float8)) AS r2
	FROM budget_days d
	GROUP BY d.site, d.model, d.channel, d.source, d.medium, d.campaign
), checked AS (
	SELECT f.*, coalesce(s.margin_micros, 1000000) * 0.000001 AS margin,
		CASE
		WHEN f.days < 14
			THEN 'not enough data: ' || f.days || ' of 14 days with spend'
		WHEN f.most < 1.2 * f.least OR f.sxx IS NULL OR f.sxx <= 0
			THEN 'not enough data: spend hardly varied'
		END AS too_little
	FROM fit f
	LEFT JOIN site s USING (site)
), interval_of AS (
	SELECT c.*, slope / average AS marginal,
		sqrt(greatest(syy - slope * sxy, 0) / (days - 2) / sxx) / average
		* (1.959964 + (power(1.959964, 3) + 1.959964) / (4 * (days - 2))
		+ (5 * power(1.959964, 5) + 16 * power(1.959964, 3)
		+ 3 * 1.959964) / (96 * (days - 2) ^ 2)) AS half
	FROM checked c
	WHERE too_little IS NULL
	UNION ALL
	SELECT c.*, NULL, NULL FROM checked c WHERE too_little IS NOT NULL
)
SELECT site, model, channel, source, medium, campaign, currency, days,
	spend::numeric(38,6) AS spend, net_revenue::numeric(38,6) AS net_revenue,
	round(net_revenue / spend, 6) AS average_return,
	round(marginal::numeric, 6) AS marginal_return,
	round((marginal - half)::numeric, 6) AS marginal_low,
	round((marginal + half)::numeric, 6) AS marginal_high,
	CASE WHEN too_little IS NULL THEN round(r2::numeric, 4) END AS fit_r2,
	CASE
	WHEN too_little IS NOT NULL THEN 'not enough data'
	WHEN (marginal - half) * margin > 1 THEN 'suggestion: spend more'
	WHEN (marginal + half) * margin < 1 THEN 'suggestion: spend less'
	ELSE 'suggestion: keep'
	END AS suggestion,
	coalesce(too_little, CASE
	WHEN (marginal - half) * margin > 1
		THEN 'the next unit of spend earns more than it costs'
	WHEN (marginal + half) * margin < 1
		THEN 'the last unit of spend earned less than it cost'
	ELSE 'the interval holds the point where a unit earns what it costs'
	END) AS reason
FROM interval_of;
COMMENT ON VIEW budget_suggestion IS 'A suggestion, no proof: how net revenue grew with spend over the days of budget_days. Days with more spend may differ in more than spend; only an experiment tells what spend causes';
COMMENT ON COLUMN budget_suggestion.site IS 'Site id';
COMMENT ON COLUMN budget_suggestion.model IS 'Attribution model';
COMMENT ON COLUMN budget_suggestion.channel IS 'Channel';
COMMENT ON COLUMN budget_suggestion.source IS 'Source';
COMMENT ON COLUMN budget_suggestion.medium IS 'Medium';
COMMENT ON COLUMN budget_suggestion.campaign IS 'Campaign';
COMMENT ON COLUMN budget_suggestion.currency IS 'Reporting currency';
COMMENT ON COLUMN budget_suggestion.days IS 'Days with spend';
COMMENT ON COLUMN budget_suggestion.spend IS 'Spend of these days';
COMMENT ON COLUMN budget_suggestion.net_revenue IS 'Net revenue credited to their touches';
COMMENT ON COLUMN budget_suggestion.average_return IS 'net_revenue / spend';
COMMENT ON COLUMN budget_suggestion.marginal_return IS 'Net revenue of one more unit of spend at the average day''s spend, by net_revenue = a + b ln(spend)';
COMMENT ON COLUMN budget_suggestion.marginal_low IS 'Lower end of its 95 % interval';
COMMENT ON COLUMN budget_suggestion.marginal_high IS 'Upper end of its 95 % interval';
COMMENT ON COLUMN budget_suggestion.fit_r2 IS 'Part of the days'' differences that the fit explains';
COMMENT ON COLUMN budget_suggestion.suggestion IS 'spend more, spend less or keep, where the interval lies above, below or around 1 / margin; not enough data: fewer than 14 days with spend, or spend that varied by less than a fifth';
COMMENT ON COLUMN budget_suggestion.reason IS 'Why';
