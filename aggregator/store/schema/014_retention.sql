-- What is kept for how long: jobs of the aggregator, and what they did.
CREATE TABLE retention_run (
	what text COLLATE "C" PRIMARY KEY,
	kept_since timestamptz NOT NULL,
	removed bigint NOT NULL,
	last_run timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE retention_run IS 'What is kept since when, by the settings under retention, and when that was last seen to';
COMMENT ON COLUMN retention_run.what IS 'touches, click_ids, addresses, user_agents or dead_letters; frozen: conversions before are not computed anew, as touches before them are gone';
COMMENT ON COLUMN retention_run.kept_since IS 'Event time, of dead letters the time they were set aside: older ones are gone';
COMMENT ON COLUMN retention_run.removed IS 'Rows removed or emptied so far';
COMMENT ON COLUMN retention_run.last_run IS 'When';

-- Touches come about in the order of their time.
CREATE INDEX touch_ts ON touch USING brin (ts);
