-- The plan of one export: read page by page, as one moment saw it.
CREATE TEMP TABLE export_plan (
	n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	skip integer NOT NULL,
	kind integer NOT NULL,
	revision integer NOT NULL,
	transaction_id text NOT NULL,
	event_id text NOT NULL,
	goal text NOT NULL,
	ts timestamptz NOT NULL,
	value_micros bigint NOT NULL,
	before_micros bigint NOT NULL,
	click_id text,
	click_ts timestamptz,
	consent text,
	page_url text,
	user_agent text,
	email_sha256 text,
	email_google_sha256 text,
	phone_sha256 text,
	phone_digits_sha256 text,
	customer uuid NOT NULL,
	server boolean NOT NULL
)
