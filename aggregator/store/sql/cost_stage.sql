-- where the rows of one file gather before they are merged
CREATE TEMP TABLE IF NOT EXISTS cost_stage (
	line bigint,
	account text COLLATE "C",
	day date,
	source text COLLATE "C",
	medium text COLLATE "C",
	campaign text COLLATE "C",
	campaign_id text COLLATE "C",
	name text COLLATE "C",
	channel text COLLATE "C",
	amount_micros bigint,
	currency text COLLATE "C",
	clicks bigint,
	impressions bigint
) ON COMMIT DELETE ROWS
