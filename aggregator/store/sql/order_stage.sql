-- where the orders of one file gather before they are merged
CREATE TEMP TABLE IF NOT EXISTS order_stage (
	line bigint,
	order_id text COLLATE "C",
	day date,
	ordered_at timestamptz,
	amount_micros bigint,
	currency text COLLATE "C",
	cancelled boolean
) ON COMMIT DELETE ROWS
