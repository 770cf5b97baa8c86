-- where the rates of one file gather before they are merged
CREATE TEMP TABLE IF NOT EXISTS fx_stage (
	place bigint,
	day date,
	base text COLLATE "C",
	currency text COLLATE "C",
	rate_micros bigint
) ON COMMIT DELETE ROWS
