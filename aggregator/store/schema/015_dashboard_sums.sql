-- Sums over long times, a table at a time: PostgreSQL's workers share the
-- scan of one table, but not that of a union.
DROP VIEW campaign_facts;

CREATE VIEW campaign_cells AS
SELECT c.day, coalesce(o.other_dim, c.dim) AS campaign_key, c.basis,
	c.model_id, c.conversions_micros, c.orders_micros, c.order_value_micros,
	c.new_customers_micros, c.value_micros, c.refund_micros
FROM campaign_daily c
LEFT JOIN daily_other o ON o.day = c.day AND o.dim = c.dim;
COMMENT ON VIEW campaign_cells IS 'The credits that campaign_roi_daily adds up, in millionths';
COMMENT ON COLUMN campaign_cells.day IS 'Reporting day in the site''s time zone';
COMMENT ON COLUMN campaign_cells.campaign_key IS 'Campaign: see campaigns';
COMMENT ON COLUMN campaign_cells.basis IS '0 by the conversion''s day, 1 by the touch''s day';
COMMENT ON COLUMN campaign_cells.model_id IS 'Attribution model: see attribution_models';
COMMENT ON COLUMN campaign_cells.conversions_micros IS 'Credited conversions, in millionths';
COMMENT ON COLUMN campaign_cells.orders_micros IS 'Credited purchases, in millionths';
COMMENT ON COLUMN campaign_cells.order_value_micros IS 'Credited value of purchases before refunds, in millionths of the reporting currency';
COMMENT ON COLUMN campaign_cells.new_customers_micros IS 'Credited first-ever purchases, in millionths';
COMMENT ON COLUMN campaign_cells.value_micros IS 'Credited value before refunds, in millionths of the reporting currency';
COMMENT ON COLUMN campaign_cells.refund_micros IS 'Credited refunds, likewise';

CREATE VIEW campaign_traffic AS
SELECT t.day, coalesce(o.other_dim, t.dim) AS campaign_key, t.visits, t.touches
FROM traffic_daily t
LEFT JOIN daily_other o ON o.day = t.day AND o.dim = t.dim;
COMMENT ON VIEW campaign_traffic IS 'The visits and touches that campaign_roi_daily adds up';
COMMENT ON COLUMN campaign_traffic.day IS 'Reporting day in the site''s time zone';
COMMENT ON COLUMN campaign_traffic.campaign_key IS 'Campaign: see campaigns';
COMMENT ON COLUMN campaign_traffic.visits IS 'Visits';
COMMENT ON COLUMN campaign_traffic.touches IS 'Touches';

CREATE VIEW campaign_costs AS
SELECT day, dim AS campaign_key, impressions, clicks, cost_micros FROM cost;
COMMENT ON VIEW campaign_costs IS 'The costs that campaign_roi_daily adds up';
COMMENT ON COLUMN campaign_costs.day IS 'Day of the cost';
COMMENT ON COLUMN campaign_costs.campaign_key IS 'Campaign: see campaigns';
COMMENT ON COLUMN campaign_costs.impressions IS 'Impressions by the ad platform''s count';
COMMENT ON COLUMN campaign_costs.clicks IS 'Clicks by the ad platform''s count';
COMMENT ON COLUMN campaign_costs.cost_micros IS 'Cost, in millionths of the reporting currency; NULL while a currency rate is missing: sums with it are not known';
