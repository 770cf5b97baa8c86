-- What changed after a day was final. One row per cell, day of the change and
-- reason, so that a backfill of years is as many rows as cells.

CREATE TABLE restatement (
	restated_on date NOT NULL,
	day date NOT NULL,
	dim integer NOT NULL,
	basis smallint NOT NULL,
	model_id smallint NOT NULL,
	reason text COLLATE "C" NOT NULL,
	changes bigint NOT NULL DEFAULT 1,
	old_conversions_micros bigint NOT NULL,
	new_conversions_micros bigint NOT NULL,
	old_value_micros bigint NOT NULL,
	new_value_micros bigint NOT NULL,
	old_refund_micros bigint NOT NULL,
	new_refund_micros bigint NOT NULL,
	first_at timestamptz NOT NULL DEFAULT now(),
	last_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (restated_on, day, dim, basis, model_id, reason)
);
COMMENT ON TABLE restatement IS 'Changes of daily cells whose day was final';
COMMENT ON COLUMN restatement.restated_on IS 'Date of the change, UTC';
COMMENT ON COLUMN restatement.day IS 'Reporting day that changed';
COMMENT ON COLUMN restatement.dim IS 'Site, source, medium, campaign and channel';
COMMENT ON COLUMN restatement.basis IS '0 by the conversion''s day, 1 by the touch''s day';
COMMENT ON COLUMN restatement.model_id IS 'Attribution model';
COMMENT ON COLUMN restatement.reason IS 'conversion, refund, value or credit: see the view restatements';
COMMENT ON COLUMN restatement.changes IS 'How often the cell changed on that date for that reason';
COMMENT ON COLUMN restatement.old_conversions_micros IS 'Credited conversions before the first of these changes';
COMMENT ON COLUMN restatement.new_conversions_micros IS 'Credited conversions after the last of them';
COMMENT ON COLUMN restatement.old_value_micros IS 'Credited value before';
COMMENT ON COLUMN restatement.new_value_micros IS 'Credited value after';
COMMENT ON COLUMN restatement.old_refund_micros IS 'Credited refunds before';
COMMENT ON COLUMN restatement.new_refund_micros IS 'Credited refunds after';
COMMENT ON COLUMN restatement.first_at IS 'When the first of these changes was committed';
COMMENT ON COLUMN restatement.last_at IS 'When the last of them was committed';

CREATE VIEW restatements AS
SELECT r.restated_on, d.site, r.day,
	CASE r.basis WHEN 0 THEN 'conversion' ELSE 'touch' END AS date_basis,
	m.model, d.channel, d.source, d.medium, d.campaign, r.reason, r.changes,
	(r.old_conversions_micros / 1e6)::numeric(20,6) AS old_conversions,
	(r.new_conversions_micros / 1e6)::numeric(20,6) AS new_conversions,
	((r.old_value_micros - r.old_refund_micros) / 1e6)::numeric(20,6)
		AS old_net_revenue,
	((r.new_value_micros - r.new_refund_micros) / 1e6)::numeric(20,6)
		AS new_net_revenue,
	r.first_at, r.last_at
FROM restatement r
JOIN dimension d USING (dim)
JOIN model m USING (model_id);
COMMENT ON VIEW restatements IS 'Which numbers of final days changed, when and why';
COMMENT ON COLUMN restatements.restated_on IS 'Date of the change, UTC';
COMMENT ON COLUMN restatements.site IS 'Site id';
COMMENT ON COLUMN restatements.day IS 'Reporting day that changed';
COMMENT ON COLUMN restatements.date_basis IS 'conversion or touch: whose day it is';
COMMENT ON COLUMN restatements.model IS 'Attribution model';
COMMENT ON COLUMN restatements.channel IS 'Channel';
COMMENT ON COLUMN restatements.source IS 'Source';
COMMENT ON COLUMN restatements.medium IS 'Medium';
COMMENT ON COLUMN restatements.campaign IS 'Campaign';
COMMENT ON COLUMN restatements.reason IS 'conversion: a conversion came, went or moved to another day; refund: a refund came; value: a value or its currency rate changed; credit: the same conversions are credited otherwise, as a touch or a link of a visitor came late';
COMMENT ON COLUMN restatements.changes IS 'How often the cell changed on that date for that reason';
COMMENT ON COLUMN restatements.old_conversions IS 'Conversions before the first of these changes';
COMMENT ON COLUMN restatements.new_conversions IS 'Conversions after the last of them';
COMMENT ON COLUMN restatements.old_net_revenue IS 'Net revenue before';
COMMENT ON COLUMN restatements.new_net_revenue IS 'Net revenue after';
COMMENT ON COLUMN restatements.first_at IS 'When the first of these changes was committed';
COMMENT ON COLUMN restatements.last_at IS 'When the last of them was committed';
