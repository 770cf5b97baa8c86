-- Long times add up faster by the campaigns' own names: the few cells that are
-- shown as (other) are moved afterwards, instead of each cell looking whether
-- it is one of them. own cells + moves = campaign_cells.
CREATE VIEW campaign_own_cells AS
SELECT day, dim AS campaign_key, basis, model_id, conversions_micros,
	orders_micros, order_value_micros, new_customers_micros, value_micros,
	refund_micros
FROM campaign_daily;
COMMENT ON VIEW campaign_own_cells IS 'The credits that campaign_roi_daily adds up, before campaigns become (other)';
COMMENT ON COLUMN campaign_own_cells.day IS 'Reporting day in the site''s time zone';
COMMENT ON COLUMN campaign_own_cells.campaign_key IS 'Campaign: see campaigns';
COMMENT ON COLUMN campaign_own_cells.basis IS '0 by the conversion''s day, 1 by the touch''s day';
COMMENT ON COLUMN campaign_own_cells.model_id IS 'Attribution model: see attribution_models';
COMMENT ON COLUMN campaign_own_cells.conversions_micros IS 'Credited conversions, in millionths';
COMMENT ON COLUMN campaign_own_cells.orders_micros IS 'Credited purchases, in millionths';
COMMENT ON COLUMN campaign_own_cells.order_value_micros IS 'Credited value of purchases before refunds, in millionths of the reporting currency';
COMMENT ON COLUMN campaign_own_cells.new_customers_micros IS 'Credited first-ever purchases, in millionths';
COMMENT ON COLUMN campaign_own_cells.value_micros IS 'Credited value before refunds, in millionths of the reporting currency';
COMMENT ON COLUMN campaign_own_cells.refund_micros IS 'Credited refunds, likewise';

CREATE VIEW campaign_cell_moves AS
SELECT c.day, m.campaign_key, c.basis, c.model_id,
	m.sign * c.conversions_micros AS conversions_micros,
	m.sign * c.orders_micros AS orders_micros,
	m.sign * c.order_value_micros AS order_value_micros,
	m.sign * c.new_customers_micros AS new_customers_micros,
	m.sign * c.value_micros AS value_micros,
	m.sign * c.refund_micros AS refund_micros
FROM daily_other o
JOIN campaign_daily c ON c.day = o.day AND c.dim = o.dim
CROSS JOIN LATERAL (VALUES (o.dim, -1), (o.other_dim, 1))
	m (campaign_key, sign);
COMMENT ON VIEW campaign_cell_moves IS 'What goes from the cells of campaigns to (other): once off, once on';
COMMENT ON COLUMN campaign_cell_moves.day IS 'Reporting day in the site''s time zone';
COMMENT ON COLUMN campaign_cell_moves.campaign_key IS 'Campaign: see campaigns';
COMMENT ON COLUMN campaign_cell_moves.basis IS '0 by the conversion''s day, 1 by the touch''s day';
COMMENT ON COLUMN campaign_cell_moves.model_id IS 'Attribution model: see attribution_models';
COMMENT ON COLUMN campaign_cell_moves.conversions_micros IS 'Credited conversions, in millionths; negative where it goes off';
COMMENT ON COLUMN campaign_cell_moves.orders_micros IS 'Credited purchases, in millionths; negative where it goes off';
COMMENT ON COLUMN campaign_cell_moves.order_value_micros IS 'Credited value of purchases before refunds, in millionths of the reporting currency; negative where it goes off';
COMMENT ON COLUMN campaign_cell_moves.new_customers_micros IS 'Credited first-ever purchases, in millionths; negative where it goes off';
COMMENT ON COLUMN campaign_cell_moves.value_micros IS 'Credited value before refunds, in millionths of the reporting currency; negative where it goes off';
COMMENT ON COLUMN campaign_cell_moves.refund_micros IS 'Credited refunds, likewise; negative where it goes off';

CREATE VIEW campaign_own_traffic AS
SELECT day, dim AS campaign_key, visits, touches FROM traffic_daily;
COMMENT ON VIEW campaign_own_traffic IS 'Visits and touches before campaigns become (other)';
COMMENT ON COLUMN campaign_own_traffic.day IS 'Reporting day in the site''s time zone';
COMMENT ON COLUMN campaign_own_traffic.campaign_key IS 'Campaign: see campaigns';
COMMENT ON COLUMN campaign_own_traffic.visits IS 'Visits';
COMMENT ON COLUMN campaign_own_traffic.touches IS 'Touches';
