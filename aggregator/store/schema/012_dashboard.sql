-- What the dashboard reads, and who may read: views that add up fast over a
-- year, and a way to let a role read every view and nothing else.

CREATE INDEX outcome_site_day ON outcome (site, day) WHERE state = 0;
CREATE INDEX outcome_waiting ON outcome (site, day) WHERE state = 2;
CREATE INDEX cost_waiting ON cost (site, day) WHERE cost_micros IS NULL;
CREATE INDEX dead_letter_time ON dead_letter (set_aside_at);

CREATE VIEW campaigns AS
SELECT dim AS campaign_key, site, channel, source, medium, campaign
FROM dimension;
COMMENT ON VIEW campaigns IS 'Every campaign seen in hits or costs, with the key that campaign_facts has it by';
COMMENT ON COLUMN campaigns.campaign_key IS 'Number of the campaign in campaign_facts';
COMMENT ON COLUMN campaigns.site IS 'Site id';
COMMENT ON COLUMN campaigns.channel IS 'Channel';
COMMENT ON COLUMN campaigns.source IS 'Source';
COMMENT ON COLUMN campaigns.medium IS 'Medium';
COMMENT ON COLUMN campaigns.campaign IS 'Campaign; (unattributed) for conversions without a touch';

-- Not added up, so that conditions reach the tables: campaign_roi_daily is
-- for reading, this is for sums over long times.
CREATE VIEW campaign_facts AS
SELECT c.day, coalesce(o.other_dim, c.dim) AS campaign_key,
	basis, model_id, conversions_micros, orders_micros, order_value_micros,
	new_customers_micros, value_micros, refund_micros,
	0::bigint AS visits, 0::bigint AS touches, NULL::bigint AS impressions,
	NULL::bigint AS clicks, 0::bigint AS cost_micros, 0 AS waiting
FROM campaign_daily c
LEFT JOIN daily_other o ON o.day = c.day AND o.dim = c.dim
UNION ALL
SELECT t.day, coalesce(o.other_dim, t.dim), NULL, NULL, 0, 0, 0, 0, 0, 0, visits, touches, NULL, NULL,
	0, 0
FROM traffic_daily t
LEFT JOIN daily_other o ON o.day = t.day AND o.dim = t.dim
UNION ALL
SELECT day, dim, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, impressions, clicks,
	coalesce(cost_micros, 0), (cost_micros IS NULL)::int
FROM cost;
COMMENT ON VIEW campaign_facts IS 'The parts that campaign_roi_daily adds up, in micros: credits by date basis and model; traffic and costs, which are the same for every model, have NULL for both. Take the rows of one model and those with NULL';
COMMENT ON COLUMN campaign_facts.day IS 'Reporting day in the site''s time zone';
COMMENT ON COLUMN campaign_facts.campaign_key IS 'Campaign: see campaigns';
COMMENT ON COLUMN campaign_facts.basis IS '0 by the conversion''s day, 1 by the touch''s day; NULL for traffic and costs';
COMMENT ON COLUMN campaign_facts.model_id IS 'Attribution model: see attribution_models; NULL for traffic and costs';
COMMENT ON COLUMN campaign_facts.conversions_micros IS 'Credited conversions, in millionths';
COMMENT ON COLUMN campaign_facts.orders_micros IS 'Credited purchases, in millionths';
COMMENT ON COLUMN campaign_facts.order_value_micros IS 'Credited value of purchases before refunds, in millionths of the reporting currency';
COMMENT ON COLUMN campaign_facts.new_customers_micros IS 'Credited first-ever purchases, in millionths';
COMMENT ON COLUMN campaign_facts.value_micros IS 'Credited value before refunds, in millionths of the reporting currency';
COMMENT ON COLUMN campaign_facts.refund_micros IS 'Credited refunds, likewise';
COMMENT ON COLUMN campaign_facts.visits IS 'Visits';
COMMENT ON COLUMN campaign_facts.touches IS 'Touches';
COMMENT ON COLUMN campaign_facts.impressions IS 'Impressions by the ad platform''s count';
COMMENT ON COLUMN campaign_facts.clicks IS 'Clicks by the ad platform''s count';
COMMENT ON COLUMN campaign_facts.cost_micros IS 'Cost, in millionths of the reporting currency';
COMMENT ON COLUMN campaign_facts.waiting IS '1 for a cost that waits for a currency rate: sums with it are not known';

CREATE VIEW attribution_models AS
SELECT model_id, model, summary, trained FROM model;
COMMENT ON VIEW attribution_models IS 'Attribution models';
COMMENT ON COLUMN attribution_models.model_id IS 'Number of the model in campaign_facts';
COMMENT ON COLUMN attribution_models.model IS 'Name';
COMMENT ON COLUMN attribution_models.summary IS 'What it does, in one line';
COMMENT ON COLUMN attribution_models.trained IS 'Whether it learns from data';

CREATE VIEW sites AS
SELECT site, timezone, currency, (margin_micros * 0.000001)::numeric(38,6)
	AS margin
FROM site;
COMMENT ON VIEW sites IS 'Sites of the configuration, as the aggregator last started with them';
COMMENT ON COLUMN sites.site IS 'Site id';
COMMENT ON COLUMN sites.timezone IS 'IANA time zone that decides the reporting day';
COMMENT ON COLUMN sites.currency IS 'Reporting currency, ISO 4217';
COMMENT ON COLUMN sites.margin IS 'Margin used for ROI';

CREATE VIEW freshness AS
SELECT count(*) AS partitions,
	CASE WHEN NOT bool_or(watermark IS NULL) THEN min(watermark) END
		AS read_until,
	max(updated_at) AS last_commit
FROM position;
COMMENT ON VIEW freshness IS 'How far the tables are behind the hits; one row';
COMMENT ON COLUMN freshness.partitions IS 'Kafka partitions that are read';
COMMENT ON COLUMN freshness.read_until IS 'Receive time up to which all partitions are in the tables; NULL while one has not been read yet';
COMMENT ON COLUMN freshness.last_commit IS 'When the last batch was committed';

-- One conversion at a time, so that a LIMIT bounds the work.
CREATE VIEW converted_paths AS
SELECT o.site, o.day, o.event_id,
	((o.value_micros - o.refunded_micros) * 0.000001)::numeric(38,6) AS value,
	(SELECT string_agg(d.channel, ' > ' ORDER BY c.touch_no)
	FROM credit c JOIN dimension d USING (dim)
	WHERE c.customer = o.customer AND c.site = o.site
		AND c.event_id = o.event_id AND c.touch_no > 0) AS path
FROM outcome o
WHERE o.state = 0;
COMMENT ON VIEW converted_paths IS 'The path of channels before each conversion that counts';
COMMENT ON COLUMN converted_paths.site IS 'Site id';
COMMENT ON COLUMN converted_paths.day IS 'Reporting day of the conversion';
COMMENT ON COLUMN converted_paths.event_id IS 'Event id of the conversion';
COMMENT ON COLUMN converted_paths.value IS 'Its value after refunds';
COMMENT ON COLUMN converted_paths.path IS 'Channels of the touches in order, joined by " > "; NULL without a touch';

CREATE VIEW dead_letters AS
SELECT topic, partition, "offset", reason, set_aside_at FROM dead_letter;
COMMENT ON VIEW dead_letters IS 'Records that could not be used, without their content';
COMMENT ON COLUMN dead_letters.topic IS 'Kafka topic';
COMMENT ON COLUMN dead_letters.partition IS 'Kafka partition';
COMMENT ON COLUMN dead_letters."offset" IS 'Kafka offset';
COMMENT ON COLUMN dead_letters.reason IS 'Why';
COMMENT ON COLUMN dead_letters.set_aside_at IS 'When';

-- Views run with their owner's rights, so who may read them need not, and
-- may not, read the tables.
CREATE FUNCTION grant_reader(reader text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	v record;
	granted bigint := 0;
BEGIN
	EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', 'afterclick', reader);
	FOR v IN SELECT viewname FROM pg_views WHERE schemaname = 'afterclick'
	LOOP
		EXECUTE format('GRANT SELECT ON %I.%I TO %I', 'afterclick',
			v.viewname, reader);
		granted := granted + 1;
	END LOOP;
	RETURN granted;
END
$$;
COMMENT ON FUNCTION grant_reader(text) IS 'Lets a role read every view of this schema, and no table; returns how many views there are';
