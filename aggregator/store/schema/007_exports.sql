-- What was sent back to ad platforms, so that nothing is sent twice.

CREATE TABLE export_receipt (
	platform text COLLATE "C" NOT NULL,
	site text COLLATE "C" NOT NULL,
	goal text COLLATE "C" NOT NULL,
	transaction_id text COLLATE "C" NOT NULL,
	revision integer NOT NULL,
	kind text COLLATE "C" NOT NULL,
	event_id text COLLATE "C" NOT NULL,
	value_micros bigint NOT NULL,
	before_micros bigint NOT NULL,
	currency text COLLATE "C" NOT NULL,
	state text COLLATE "C" NOT NULL
		CHECK (state IN ('prepared', 'sent', 'accepted', 'rejected')),
	reason text,
	via text NOT NULL,
	prepared_at timestamptz NOT NULL DEFAULT now(),
	sent_at timestamptz,
	answered_at timestamptz,
	PRIMARY KEY (platform, site, goal, transaction_id, revision)
);
CREATE INDEX export_receipt_prepared ON export_receipt (platform, site, via)
	WHERE state = 'prepared';
COMMENT ON TABLE export_receipt IS 'What afterclick export has sent to ad platforms and what became of it';
COMMENT ON COLUMN export_receipt.platform IS 'Ad platform';
COMMENT ON COLUMN export_receipt.site IS 'Site id';
COMMENT ON COLUMN export_receipt.goal IS 'Goal of the conversion';
COMMENT ON COLUMN export_receipt.transaction_id IS 'Order id, else event id: the conversion''s name at the platform';
COMMENT ON COLUMN export_receipt.revision IS '0 the conversion itself, 1 and more its adjustments';
COMMENT ON COLUMN export_receipt.kind IS 'conversion, restate or retract';
COMMENT ON COLUMN export_receipt.event_id IS 'Event id of the conversion';
COMMENT ON COLUMN export_receipt.value_micros IS 'Value that was sent, in micros';
COMMENT ON COLUMN export_receipt.before_micros IS 'Value that the platform had before, in micros';
COMMENT ON COLUMN export_receipt.currency IS 'ISO 4217 code of the value';
COMMENT ON COLUMN export_receipt.state IS 'prepared; sent: in a finished file, or posted and not answered; accepted, rejected: the platform''s answer';
COMMENT ON COLUMN export_receipt.reason IS 'What the platform said';
COMMENT ON COLUMN export_receipt.via IS 'File it was written to, or post';
COMMENT ON COLUMN export_receipt.prepared_at IS 'When it was prepared first';
COMMENT ON COLUMN export_receipt.sent_at IS 'When it was sent last';
COMMENT ON COLUMN export_receipt.answered_at IS 'When the platform answered';

CREATE VIEW export_receipts AS
SELECT platform, site, goal, transaction_id, revision, kind, event_id,
	(value_micros * 0.000001)::numeric(38,6) AS value, currency, state,
	reason, via, sent_at, answered_at
FROM export_receipt;
COMMENT ON VIEW export_receipts IS 'What was sent back to ad platforms and what became of it';
COMMENT ON COLUMN export_receipts.platform IS 'Ad platform';
COMMENT ON COLUMN export_receipts.site IS 'Site id';
COMMENT ON COLUMN export_receipts.goal IS 'Goal of the conversion';
COMMENT ON COLUMN export_receipts.transaction_id IS 'Order id, else event id: the conversion''s name at the platform';
COMMENT ON COLUMN export_receipts.revision IS '0 the conversion itself, 1 and more its adjustments';
COMMENT ON COLUMN export_receipts.kind IS 'conversion, restate or retract';
COMMENT ON COLUMN export_receipts.event_id IS 'Event id of the conversion';
COMMENT ON COLUMN export_receipts.value IS 'Value that was sent; of an adjustment: the new value';
COMMENT ON COLUMN export_receipts.currency IS 'ISO 4217 code of the value';
COMMENT ON COLUMN export_receipts.state IS 'prepared; sent: in a finished file, or posted and not answered; accepted, rejected: the platform''s answer';
COMMENT ON COLUMN export_receipts.reason IS 'What the platform said';
COMMENT ON COLUMN export_receipts.via IS 'File it was written to, or post';
COMMENT ON COLUMN export_receipts.sent_at IS 'When it was sent last';
COMMENT ON COLUMN export_receipts.answered_at IS 'When the platform answered';
