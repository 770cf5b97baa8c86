-- Trained models: what was learnt, from what, and the paths to learn from.

CREATE TABLE model_version (
	model_id smallint,
	version integer,
	site text COLLATE "C" NOT NULL,
	path_order smallint,
	from_day date NOT NULL,
	to_day date NOT NULL,
	paths bigint NOT NULL,
	conversions bigint NOT NULL,
	nulls bigint NOT NULL,
	value_micros bigint NOT NULL,
	conversion_rate double precision NOT NULL,
	replicates integer NOT NULL,
	seed bigint NOT NULL,
	trained_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (model_id, version)
);
COMMENT ON TABLE model_version IS 'What each version of a trained model was learnt from; a version never changes';
COMMENT ON COLUMN model_version.model_id IS 'Trained model';
COMMENT ON COLUMN model_version.version IS 'Version, from 1';
COMMENT ON COLUMN model_version.site IS 'Site it was learnt from; empty: all sites';
COMMENT ON COLUMN model_version.path_order IS 'Touches that make a state of markov, 1 to 3; NULL for other models';
COMMENT ON COLUMN model_version.from_day IS 'First reporting day it was learnt from';
COMMENT ON COLUMN model_version.to_day IS 'Last reporting day it was learnt from';
COMMENT ON COLUMN model_version.paths IS 'Different paths of channels';
COMMENT ON COLUMN model_version.conversions IS 'Conversions at their ends';
COMMENT ON COLUMN model_version.nulls IS 'Customers whose look-back ended without a conversion';
COMMENT ON COLUMN model_version.value_micros IS 'Value of the conversions after refunds';
COMMENT ON COLUMN model_version.conversion_rate IS 'conversions / (conversions + nulls), as the model itself computes it';
COMMENT ON COLUMN model_version.replicates IS 'Bootstrap samples behind low and high of model_weight';
COMMENT ON COLUMN model_version.seed IS 'Where the samples'' random numbers began';
COMMENT ON COLUMN model_version.trained_at IS 'When';

CREATE TABLE model_weight (
	model_id smallint,
	version integer,
	channel text COLLATE "C",
	weight double precision NOT NULL,
	low double precision,
	high double precision,
	PRIMARY KEY (model_id, version, channel),
	FOREIGN KEY (model_id, version) REFERENCES model_version
);
COMMENT ON TABLE model_weight IS 'What a version learnt of each channel';
COMMENT ON COLUMN model_weight.model_id IS 'Trained model';
COMMENT ON COLUMN model_weight.version IS 'Version';
COMMENT ON COLUMN model_weight.channel IS 'Channel';
COMMENT ON COLUMN model_weight.weight IS 'Removal effect (markov) or Shapley value';
COMMENT ON COLUMN model_weight.low IS 'Below it are 2.5 % of the bootstrap samples; NULL without samples';
COMMENT ON COLUMN model_weight.high IS 'Above it are 2.5 % of the bootstrap samples; NULL without samples';

CREATE VIEW model_weights AS
SELECT m.model, w.version, nullif(v.site, '') AS site, v.path_order, w.channel,
	w.weight, w.weight / nullif(sum(greatest(w.weight, 0)) OVER
		(PARTITION BY w.model_id, w.version), 0) AS share,
	w.low, w.high, v.from_day, v.to_day, v.conversions, v.nulls, v.trained_at
FROM model_weight w
JOIN model_version v USING (model_id, version)
JOIN model m USING (model_id);
COMMENT ON VIEW model_weights IS 'What the versions of the trained models learnt of each channel';
COMMENT ON COLUMN model_weights.model IS 'Attribution model';
COMMENT ON COLUMN model_weights.version IS 'Version';
COMMENT ON COLUMN model_weights.site IS 'Site it was learnt from; NULL: all';
COMMENT ON COLUMN model_weights.path_order IS 'Touches that make a state of markov';
COMMENT ON COLUMN model_weights.channel IS 'Channel';
COMMENT ON COLUMN model_weights.weight IS 'Removal effect (markov) or Shapley value';
COMMENT ON COLUMN model_weights.share IS 'Its part of the sum of the version''s positive weights';
COMMENT ON COLUMN model_weights.low IS 'Below it are 2.5 % of the bootstrap samples';
COMMENT ON COLUMN model_weights.high IS 'Above it are 2.5 % of the bootstrap samples';
COMMENT ON COLUMN model_weights.from_day IS 'First reporting day it was learnt from';
COMMENT ON COLUMN model_weights.to_day IS 'Last reporting day it was learnt from';
COMMENT ON COLUMN model_weights.conversions IS 'Conversions it was learnt from';
COMMENT ON COLUMN model_weights.nulls IS 'Customers without a conversion it was learnt from';
COMMENT ON COLUMN model_weights.trained_at IS 'When';

-- A function of what is stored, so a late event or a refund changes it as it
-- changes the credits. Conversions count on their day, a customer without any
-- on the day of the last touch, once the look-back after it is read by all
-- partitions.
CREATE VIEW conversion_paths AS
WITH converted AS (
	SELECT c.site, c.conversion_day AS day, o.value_micros - o.refunded_micros
		AS value, array_agg(d.channel ORDER BY c.touch_no) AS channels
	FROM credit c
	JOIN outcome o ON o.customer = c.customer AND o.site = c.site
		AND o.event_id = c.event_id
	JOIN dimension d ON d.dim = c.dim
	WHERE c.touch_no > 0 AND o.state = 0
	GROUP BY c.customer, c.site, c.event_id, c.conversion_day,
		o.value_micros, o.refunded_micros
), candidate AS (
	SELECT t.visitor, t.ts, t.event_id, t.dim, t.tagged,
		row_number() OVER (PARTITION BY t.visitor, t.session
			ORDER BY t.ts, t.event_id) AS place
	FROM touch t
), reached AS (
	SELECT coalesce(i.user_key, t.visitor) AS customer, t.ts, t.event_id,
		t.dim, max(t.ts) OVER (PARTITION BY coalesce(i.user_key, t.visitor))
			AS last
	FROM candidate t
	LEFT JOIN identity i ON i.visitor = t.visitor
	WHERE (t.tagged OR t.place = 1) AND NOT EXISTS (
		SELECT FROM outcome o
		WHERE o.customer = coalesce(i.user_key, t.visitor))
), lost AS (
	SELECT d.site, (r.last AT TIME ZONE coalesce(s.timezone, 'UTC'))::date
		AS day, array_agg(d.channel ORDER BY r.ts, r.event_id) AS channels
	FROM reached r
	JOIN dimension d ON d.dim = r.dim
	LEFT JOIN site s ON s.site = d.site
	CROSS JOIN LATERAL (SELECT coalesce(s.lookback_ms, 2592000000)
		* interval '1 millisecond' AS span) l
	WHERE r.ts >= r.last - l.span AND r.last < (
		SELECT CASE WHEN bool_or(watermark IS NULL) THEN NULL
			ELSE min(watermark) END
		FROM position) - l.span
	GROUP BY r.customer, d.site, r.last, s.timezone
)
SELECT site, day, array_to_string(channels, ' > ') AS path, channels,
	sum(conversions)::bigint AS conversions,
	(sum(value) * 0.000001)::numeric(38,6) AS value,
	sum(nulls)::bigint AS nulls
FROM (
	SELECT site, day, channels, 1 AS conversions, value, 0 AS nulls
	FROM converted
	UNION ALL
	SELECT site, day, channels, 0, 0, 1 FROM lost
) p
GROUP BY site, day, channels;
COMMENT ON VIEW conversion_paths IS 'Paths of channels: how many ended in a conversion and how many in none';
COMMENT ON COLUMN conversion_paths.site IS 'Site id';
COMMENT ON COLUMN conversion_paths.day IS 'Reporting day of the conversion; of the last touch where there was none';
COMMENT ON COLUMN conversion_paths.path IS 'Channels of the touches in order, joined by " > "';
COMMENT ON COLUMN conversion_paths.channels IS 'The same as an array';
COMMENT ON COLUMN conversion_paths.conversions IS 'Conversions at the end of the path';
COMMENT ON COLUMN conversion_paths.value IS 'Their value after refunds';
COMMENT ON COLUMN conversion_paths.nulls IS 'Customers on the path who have no conversion at all, once the look-back after their last touch has ended';
