-- where restated and retracted orders of one file gather
CREATE TEMP TABLE IF NOT EXISTS adjust_stage (
	line bigint,
	refund_id text COLLATE "C",
	order_id text COLLATE "C",
	ts timestamptz,
	value_micros bigint,
	currency text COLLATE "C"
) ON COMMIT DELETE ROWS
