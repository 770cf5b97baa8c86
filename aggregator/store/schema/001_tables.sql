-- Base tables. Analysts use the views; these may change.
--
-- Money is bigint micros (10^-6) of the site's reporting currency unless it
-- says otherwise, conversions are bigint micros too, so that shares of them
-- add up exactly. A visitor, a user and a customer are 128-bit hashes of
-- (site, id): the ids themselves are not stored.

CREATE TABLE site (
	site text COLLATE "C" PRIMARY KEY,
	timezone text NOT NULL,
	currency text NOT NULL,
	margin_micros bigint NOT NULL,
	lookback_ms bigint NOT NULL DEFAULT 2592000000,
	updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE site IS 'Sites of the configuration, as the aggregator last started with them';
COMMENT ON COLUMN site.site IS 'Site id';
COMMENT ON COLUMN site.timezone IS 'IANA time zone that decides the reporting day';
COMMENT ON COLUMN site.currency IS 'Reporting currency, ISO 4217';
COMMENT ON COLUMN site.margin_micros IS 'Margin used for ROI, 1000000 is 1';
COMMENT ON COLUMN site.lookback_ms IS 'Look-back in milliseconds, where a goal has none of its own';
COMMENT ON COLUMN site.updated_at IS 'When the row last changed';

CREATE TABLE model (
	model_id smallint PRIMARY KEY,
	model text COLLATE "C" NOT NULL UNIQUE,
	summary text NOT NULL,
	trained boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE model IS 'Attribution models the aggregator computes';
COMMENT ON COLUMN model.model_id IS 'Number in the tables: place in arrays, from 0';
COMMENT ON COLUMN model.model IS 'Name';
COMMENT ON COLUMN model.summary IS 'What it does, in one line';
COMMENT ON COLUMN model.trained IS 'Whether it learns from data: it credits a site''s conversions only from the day on for which a version is pinned';

-- Here, as the views of the daily tables ask which model credits which day.
CREATE TABLE model_pin (
	site text COLLATE "C",
	model_id smallint,
	from_day date,
	version integer NOT NULL,
	pinned_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (site, model_id, from_day)
);
COMMENT ON TABLE model_pin IS 'Which version of a trained model credits the conversions from a day on, until the next row''s';
COMMENT ON COLUMN model_pin.site IS 'Site id';
COMMENT ON COLUMN model_pin.model_id IS 'Trained model';
COMMENT ON COLUMN model_pin.from_day IS 'First reporting day of conversions; -infinity: all of them';
COMMENT ON COLUMN model_pin.version IS 'Version of the model';
COMMENT ON COLUMN model_pin.pinned_at IS 'When it was pinned';

CREATE TABLE position (
	topic text COLLATE "C",
	partition integer,
	epoch bigint NOT NULL,
	next_offset bigint NOT NULL,
	owner text NOT NULL,
	dedup bytea NOT NULL,
	watermark timestamptz,
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (topic, partition)
);
COMMENT ON TABLE position IS 'How far each Kafka partition is in the tables; changes only in the transaction that writes the results';
COMMENT ON COLUMN position.topic IS 'Kafka topic';
COMMENT ON COLUMN position.partition IS 'Kafka partition';
COMMENT ON COLUMN position.epoch IS 'Raised whenever an aggregator takes the partition: an earlier owner can no longer write';
COMMENT ON COLUMN position.next_offset IS 'Offset of the first record that is not in the tables';
COMMENT ON COLUMN position.owner IS 'Host and process of the aggregator that owns the partition';
COMMENT ON COLUMN position.dedup IS 'Per spool: floor and the numbers seen above it';
COMMENT ON COLUMN position.watermark IS 'Receive time up to which the partition is in the tables';
COMMENT ON COLUMN position.updated_at IS 'When the last batch was committed';

CREATE TABLE dimension (
	dim integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	site text COLLATE "C" NOT NULL,
	source text COLLATE "C" NOT NULL,
	medium text COLLATE "C" NOT NULL,
	campaign text COLLATE "C" NOT NULL,
	channel text COLLATE "C" NOT NULL,
	UNIQUE (site, source, medium, campaign)
);
COMMENT ON TABLE dimension IS 'Each (site, source, medium, campaign) seen in hits or costs, with its channel';
COMMENT ON COLUMN dimension.dim IS 'Number in the other tables';
COMMENT ON COLUMN dimension.site IS 'Site id';
COMMENT ON COLUMN dimension.source IS 'Source, normalised';
COMMENT ON COLUMN dimension.medium IS 'Medium, normalised';
COMMENT ON COLUMN dimension.campaign IS 'Campaign, normalised; (not set), (direct) or (unattributed) where there is none';
COMMENT ON COLUMN dimension.channel IS 'Channel by the rules in force when the row was made';

-- A candidate for a touchpoint: the first hit that brought this origin into
-- this visit. A visit's hit without origin is a touch only when it is the
-- visit's first; readers decide that (see the view touches), so that the
-- table does not depend on the order of arrival.
CREATE TABLE touch (
	visitor uuid NOT NULL,
	session bigint NOT NULL,
	signature bigint NOT NULL,
	ts timestamptz NOT NULL,
	event_id text COLLATE "C" NOT NULL,
	session_start timestamptz,
	dim integer NOT NULL,
	tagged boolean NOT NULL,
	term text,
	content text,
	click_id text COLLATE "C",
	campaign_id text COLLATE "C",
	partition integer NOT NULL,
	PRIMARY KEY (visitor, session, signature)
);
COMMENT ON TABLE touch IS 'Candidates for touchpoints: per visit and origin the earliest hit';
COMMENT ON COLUMN touch.visitor IS 'Hash of site and visitor id';
COMMENT ON COLUMN touch.session IS 'Hash of the session id; of the event id for a hit without a session';
COMMENT ON COLUMN touch.signature IS 'Hash of the origin; 0 for a hit without campaign, click id or external referrer';
COMMENT ON COLUMN touch.ts IS 'Event time';
COMMENT ON COLUMN touch.event_id IS 'Event id of the hit';
COMMENT ON COLUMN touch.session_start IS 'When the visit began: decides its reporting day; NULL for a hit that belongs to no visit';
COMMENT ON COLUMN touch.dim IS 'Where the touch came from';
COMMENT ON COLUMN touch.tagged IS 'Whether the hit had campaign parameters, a click id or an external referrer';
COMMENT ON COLUMN touch.term IS 'Campaign term';
COMMENT ON COLUMN touch.content IS 'Campaign content';
COMMENT ON COLUMN touch.click_id IS 'Click id with its parameter name, such as gclid=...';
COMMENT ON COLUMN touch.campaign_id IS 'Campaign id from utm_id or gad_campaignid';
COMMENT ON COLUMN touch.partition IS 'Kafka partition the hit came by';

-- A candidate for a conversion; of several with one (site, goal, dedup_key)
-- only the winner counts: verified before unverified, then earliest.
CREATE TABLE conversion (
	site text COLLATE "C" NOT NULL,
	event_id text COLLATE "C" NOT NULL,
	goal text COLLATE "C" NOT NULL,
	ts timestamptz NOT NULL,
	visitor uuid,
	user_key uuid,
	order_id text COLLATE "C",
	dedup_key text COLLATE "C",
	value_micros bigint NOT NULL,
	currency text COLLATE "C" NOT NULL,
	verified boolean NOT NULL,
	lane text COLLATE "C" NOT NULL,
	purchase boolean NOT NULL,
	lookback_ms bigint NOT NULL,
	click_id text COLLATE "C",
	email_sha256 text COLLATE "C",
	phone_sha256 text COLLATE "C",
	email_google_sha256 text COLLATE "C",
	phone_digits_sha256 text COLLATE "C",
	consent text COLLATE "C",
	page_url text,
	user_agent text,
	click_key uuid,
	email_key uuid,
	phone_key uuid,
	PRIMARY KEY (site, event_id)
);
CREATE INDEX conversion_visitor ON conversion (visitor);
CREATE INDEX conversion_user ON conversion (user_key) WHERE user_key IS NOT NULL;
CREATE INDEX conversion_click ON conversion (click_key) WHERE click_key IS NOT NULL;
CREATE INDEX conversion_email ON conversion (email_key) WHERE email_key IS NOT NULL;
CREATE INDEX conversion_phone ON conversion (phone_key) WHERE phone_key IS NOT NULL;
CREATE INDEX conversion_dedup ON conversion (site, dedup_key) WHERE dedup_key IS NOT NULL;
COMMENT ON TABLE conversion IS 'Conversions as reported, before deduplication by order';
COMMENT ON COLUMN conversion.site IS 'Site id';
COMMENT ON COLUMN conversion.event_id IS 'Event id';
COMMENT ON COLUMN conversion.goal IS 'Goal';
COMMENT ON COLUMN conversion.ts IS 'Event time';
COMMENT ON COLUMN conversion.visitor IS 'Hash of site and visitor id, if the hit had one';
COMMENT ON COLUMN conversion.user_key IS 'Hash of site and user id, if the hit had one';
COMMENT ON COLUMN conversion.order_id IS 'Order id, if any';
COMMENT ON COLUMN conversion.dedup_key IS 'Of several conversions of a goal with this key one counts: the order id, or the visit for a goal that counts once per visit';
COMMENT ON COLUMN conversion.value_micros IS 'Value in micros of its own currency';
COMMENT ON COLUMN conversion.currency IS 'ISO 4217 code of the value';
COMMENT ON COLUMN conversion.verified IS 'Whether it came by a signed lane (server, import)';
COMMENT ON COLUMN conversion.lane IS 'Lane of the hit';
COMMENT ON COLUMN conversion.purchase IS 'Whether it counts as an order';
COMMENT ON COLUMN conversion.lookback_ms IS 'Look-back window of its goal in milliseconds';
COMMENT ON COLUMN conversion.click_id IS 'Click id that its hit named, with the parameter name, such as gclid=...; case kept';
COMMENT ON COLUMN conversion.email_sha256 IS 'SHA-256 of the normalised e-mail address that its hit named, in hex';
COMMENT ON COLUMN conversion.phone_sha256 IS 'SHA-256 of the normalised phone number that its hit named, in hex';
COMMENT ON COLUMN conversion.email_google_sha256 IS 'SHA-256 of a Gmail address without dots and +suffix, in hex; NULL where that is email_sha256';
COMMENT ON COLUMN conversion.phone_digits_sha256 IS 'SHA-256 of the phone number''s digits without the +, in hex';
COMMENT ON COLUMN conversion.consent IS 'ad_storage, analytics_storage, ad_user_data and ad_personalization: g granted, d denied, u unknown';
COMMENT ON COLUMN conversion.page_url IS 'Page of the hit';
COMMENT ON COLUMN conversion.user_agent IS 'User agent of the hit';
COMMENT ON COLUMN conversion.click_key IS 'Of a conversion without a visitor: its click id, as in handle';
COMMENT ON COLUMN conversion.email_key IS 'Of a conversion without a visitor: its e-mail address, as in handle';
COMMENT ON COLUMN conversion.phone_key IS 'Of a conversion without a visitor: its phone number, as in handle';

CREATE TABLE refund (
	site text COLLATE "C" NOT NULL,
	refund_id text COLLATE "C" NOT NULL,
	order_id text COLLATE "C" NOT NULL,
	ts timestamptz NOT NULL,
	event_id text COLLATE "C" NOT NULL,
	value_micros bigint NOT NULL,
	currency text COLLATE "C" NOT NULL,
	PRIMARY KEY (site, refund_id)
);
CREATE INDEX refund_order ON refund (site, order_id);
COMMENT ON TABLE refund IS 'Refunds as reported; one waits here until its order is known';
COMMENT ON COLUMN refund.site IS 'Site id';
COMMENT ON COLUMN refund.refund_id IS 'Refund id, else the event id';
COMMENT ON COLUMN refund.order_id IS 'Order that is refunded';
COMMENT ON COLUMN refund.ts IS 'Event time';
COMMENT ON COLUMN refund.event_id IS 'Event id';
COMMENT ON COLUMN refund.value_micros IS 'Amount in micros of its own currency';
COMMENT ON COLUMN refund.currency IS 'ISO 4217 code of the amount';

-- Whoever writes a conversion or refund of an order updates the order's row
-- first: so two writers see each other and no customer is left unmarked.
CREATE TABLE order_key (
	site text COLLATE "C",
	dedup_key text COLLATE "C",
	events bigint NOT NULL,
	PRIMARY KEY (site, dedup_key)
);
COMMENT ON TABLE order_key IS 'A row per order or other deduplication key, to serialise writers';
COMMENT ON COLUMN order_key.site IS 'Site id';
COMMENT ON COLUMN order_key.dedup_key IS 'As in conversion';
COMMENT ON COLUMN order_key.events IS 'How often a conversion or refund of the order arrived';

CREATE TABLE identity (
	visitor uuid PRIMARY KEY,
	user_key uuid NOT NULL,
	ts timestamptz NOT NULL,
	event_id text COLLATE "C" NOT NULL
);
CREATE INDEX identity_user ON identity (user_key);
COMMENT ON TABLE identity IS 'Latest link of a visitor to a user';
COMMENT ON COLUMN identity.visitor IS 'Hash of site and visitor id';
COMMENT ON COLUMN identity.user_key IS 'Hash of site and user id';
COMMENT ON COLUMN identity.ts IS 'Event time of the link';
COMMENT ON COLUMN identity.event_id IS 'Event id of the link';

CREATE TABLE dirty (
	customer uuid PRIMARY KEY
);
COMMENT ON TABLE dirty IS 'Customers whose conversions wait to be attributed anew';
COMMENT ON COLUMN dirty.customer IS 'user_key of a linked visitor, else the visitor';

-- What attribution last said of a conversion candidate.
CREATE TABLE outcome (
	site text COLLATE "C" NOT NULL,
	event_id text COLLATE "C" NOT NULL,
	customer uuid NOT NULL,
	state smallint NOT NULL,
	day date NOT NULL,
	value_micros bigint NOT NULL,
	rate_micros bigint,
	rate_day date,
	refunded_micros bigint NOT NULL,
	new_customer boolean NOT NULL,
	purchase boolean NOT NULL,
	refund_days date[] NOT NULL,
	refund_micros bigint[] NOT NULL,
	PRIMARY KEY (customer, site, event_id)
);
CREATE INDEX outcome_event ON outcome (site, event_id);
COMMENT ON TABLE outcome IS 'What became of each conversion candidate';
COMMENT ON COLUMN outcome.site IS 'Site id';
COMMENT ON COLUMN outcome.event_id IS 'Event id of the conversion';
COMMENT ON COLUMN outcome.customer IS 'Customer it belongs to';
COMMENT ON COLUMN outcome.state IS '0 counted, 1 duplicate of another with the same order, 2 waits for a currency rate';
COMMENT ON COLUMN outcome.day IS 'Reporting day in the site''s time zone';
COMMENT ON COLUMN outcome.value_micros IS 'Value in micros of the reporting currency';
COMMENT ON COLUMN outcome.rate_micros IS 'Currency rate used, in micros; NULL when the currency is the site''s';
COMMENT ON COLUMN outcome.rate_day IS 'Date of the rate';
COMMENT ON COLUMN outcome.refunded_micros IS 'Refunds so far, at most the value';
COMMENT ON COLUMN outcome.new_customer IS 'Whether it is the customer''s first purchase ever';
COMMENT ON COLUMN outcome.purchase IS 'Whether it counts as an order';
COMMENT ON COLUMN outcome.refund_days IS 'Reporting days of the refunds';
COMMENT ON COLUMN outcome.refund_micros IS 'Amounts of the refunds that count, same order';

-- Arrays have one element per model, in the order of model_id.
CREATE TABLE credit (
	customer uuid NOT NULL,
	site text COLLATE "C" NOT NULL,
	event_id text COLLATE "C" NOT NULL,
	touch_no integer NOT NULL,
	dim integer NOT NULL,
	touch_ts timestamptz,
	touch_event_id text COLLATE "C",
	conversion_day date NOT NULL,
	touch_day date NOT NULL,
	share_micros bigint[] NOT NULL,
	value_micros bigint[] NOT NULL,
	refund_micros bigint[] NOT NULL,
	PRIMARY KEY (customer, site, event_id, touch_no)
);
CREATE INDEX credit_event ON credit (site, event_id);
COMMENT ON TABLE credit IS 'How each counted conversion is shared out among the touches before it';
COMMENT ON COLUMN credit.customer IS 'Customer';
COMMENT ON COLUMN credit.site IS 'Site id';
COMMENT ON COLUMN credit.event_id IS 'Event id of the conversion';
COMMENT ON COLUMN credit.touch_no IS 'Place of the touch in the path, from 1; 0 for a conversion without a touch';
COMMENT ON COLUMN credit.dim IS 'Where the touch came from';
COMMENT ON COLUMN credit.touch_ts IS 'Event time of the touch';
COMMENT ON COLUMN credit.touch_event_id IS 'Event id of the touch';
COMMENT ON COLUMN credit.conversion_day IS 'Reporting day of the conversion';
COMMENT ON COLUMN credit.touch_day IS 'Reporting day of the touch; of the conversion when there is none';
COMMENT ON COLUMN credit.share_micros IS 'Share of the conversion by model, 1000000 is the whole';
COMMENT ON COLUMN credit.value_micros IS 'Credited value by model';
COMMENT ON COLUMN credit.refund_micros IS 'Credited refunds by model';

CREATE TABLE campaign_daily (
	day date NOT NULL,
	dim integer NOT NULL,
	basis smallint NOT NULL,
	model_id smallint NOT NULL,
	conversions_micros bigint NOT NULL DEFAULT 0,
	orders_micros bigint NOT NULL DEFAULT 0,
	order_value_micros bigint NOT NULL DEFAULT 0,
	new_customers_micros bigint NOT NULL DEFAULT 0,
	value_micros bigint NOT NULL DEFAULT 0,
	refund_micros bigint NOT NULL DEFAULT 0,
	booked_refund_micros bigint NOT NULL DEFAULT 0,
	revision bigint NOT NULL DEFAULT 1,
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (day, dim, basis, model_id)
);
COMMENT ON TABLE campaign_daily IS 'Daily cells: sums of credits';
COMMENT ON COLUMN campaign_daily.day IS 'Reporting day';
COMMENT ON COLUMN campaign_daily.dim IS 'Site, source, medium, campaign and channel';
COMMENT ON COLUMN campaign_daily.basis IS '0 by the conversion''s day, 1 by the touch''s day';
COMMENT ON COLUMN campaign_daily.model_id IS 'Attribution model';
COMMENT ON COLUMN campaign_daily.conversions_micros IS 'Credited conversions';
COMMENT ON COLUMN campaign_daily.orders_micros IS 'Credited purchases';
COMMENT ON COLUMN campaign_daily.order_value_micros IS 'Credited value of purchases';
COMMENT ON COLUMN campaign_daily.new_customers_micros IS 'Credited first-ever purchases';
COMMENT ON COLUMN campaign_daily.value_micros IS 'Credited value before refunds';
COMMENT ON COLUMN campaign_daily.refund_micros IS 'Credited refunds, restated on the day of the conversion or touch';
COMMENT ON COLUMN campaign_daily.booked_refund_micros IS 'Credited refunds, on the day of the refund (basis 0 only)';
COMMENT ON COLUMN campaign_daily.revision IS 'How often the cell has changed';
COMMENT ON COLUMN campaign_daily.updated_at IS 'When the cell last changed';

CREATE TABLE traffic_daily (
	day date NOT NULL,
	dim integer NOT NULL,
	visits bigint NOT NULL DEFAULT 0,
	touches bigint NOT NULL DEFAULT 0,
	revision bigint NOT NULL DEFAULT 1,
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (day, dim)
);
COMMENT ON TABLE traffic_daily IS 'Visits and touches per day and campaign';
COMMENT ON COLUMN traffic_daily.day IS 'Reporting day: of the visit''s start for visits, of the touch for touches';
COMMENT ON COLUMN traffic_daily.dim IS 'Site, source, medium, campaign and channel; a visit counts where its first touch came from';
COMMENT ON COLUMN traffic_daily.visits IS 'Visits';
COMMENT ON COLUMN traffic_daily.touches IS 'Touches';
COMMENT ON COLUMN traffic_daily.revision IS 'How often the cell has changed';
COMMENT ON COLUMN traffic_daily.updated_at IS 'When the cell last changed';

CREATE TABLE hits_daily (
	day date NOT NULL,
	site text COLLATE "C" NOT NULL,
	type text COLLATE "C" NOT NULL,
	lane text COLLATE "C" NOT NULL,
	bot text COLLATE "C" NOT NULL,
	hits bigint NOT NULL,
	PRIMARY KEY (day, site, type, lane, bot)
);
COMMENT ON TABLE hits_daily IS 'Hits per day, bots counted apart';
COMMENT ON COLUMN hits_daily.day IS 'Reporting day';
COMMENT ON COLUMN hits_daily.site IS 'Site id';
COMMENT ON COLUMN hits_daily.type IS 'Type of the hit';
COMMENT ON COLUMN hits_daily.lane IS 'Lane of the hit';
COMMENT ON COLUMN hits_daily.bot IS 'Bot rule that matched; empty for people';
COMMENT ON COLUMN hits_daily.hits IS 'Hits, repeats of an event id included';

CREATE TABLE cost (
	platform text COLLATE "C" NOT NULL,
	account text COLLATE "C" NOT NULL,
	site text COLLATE "C" NOT NULL,
	day date NOT NULL,
	source text COLLATE "C" NOT NULL,
	medium text COLLATE "C" NOT NULL,
	campaign text COLLATE "C" NOT NULL,
	campaign_id text COLLATE "C" NOT NULL,
	dim integer NOT NULL,
	amount_micros bigint NOT NULL,
	currency text COLLATE "C" NOT NULL,
	cost_micros bigint,
	rate_micros bigint,
	rate_day date,
	clicks bigint,
	impressions bigint,
	import_id bigint NOT NULL,
	name text COLLATE "C" NOT NULL,
	PRIMARY KEY (platform, account, site, day, source, medium, name, campaign_id)
);
CREATE INDEX cost_day ON cost (day, dim);
CREATE INDEX cost_campaign_id ON cost (site, campaign_id) WHERE campaign_id <> '';
COMMENT ON TABLE cost IS 'What the campaigns cost: the newest import per platform, account, day and campaign';
COMMENT ON COLUMN cost.platform IS 'Ad platform or generic';
COMMENT ON COLUMN cost.account IS 'Account on the platform';
COMMENT ON COLUMN cost.site IS 'Site id';
COMMENT ON COLUMN cost.day IS 'Day of the cost';
COMMENT ON COLUMN cost.source IS 'Source, normalised';
COMMENT ON COLUMN cost.medium IS 'Medium, normalised';
COMMENT ON COLUMN cost.campaign IS 'Campaign, normalised, after the aliases';
COMMENT ON COLUMN cost.campaign_id IS 'Campaign id, empty if not given';
COMMENT ON COLUMN cost.dim IS 'Where it counts: with the hits of its campaign id if there are any, else by its source, medium and campaign';
COMMENT ON COLUMN cost.amount_micros IS 'Amount in micros of its own currency';
COMMENT ON COLUMN cost.currency IS 'ISO 4217 code of the amount';
COMMENT ON COLUMN cost.cost_micros IS 'Amount in the reporting currency; NULL while no rate is known';
COMMENT ON COLUMN cost.rate_micros IS 'Currency rate used, in micros';
COMMENT ON COLUMN cost.rate_day IS 'Date of the rate';
COMMENT ON COLUMN cost.clicks IS 'Clicks by the platform''s count';
COMMENT ON COLUMN cost.impressions IS 'Impressions by the platform''s count';
COMMENT ON COLUMN cost.import_id IS 'Import that brought the row';
COMMENT ON COLUMN cost.name IS 'Campaign as the file names it, normalised, before the aliases';

CREATE TABLE cost_import (
	import_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	platform text NOT NULL,
	account text NOT NULL,
	site text NOT NULL,
	file text NOT NULL,
	rows bigint NOT NULL,
	refused bigint NOT NULL,
	imported_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE cost_import IS 'Imports of costs';
COMMENT ON COLUMN cost_import.import_id IS 'Number of the import';
COMMENT ON COLUMN cost_import.platform IS 'Ad platform or generic';
COMMENT ON COLUMN cost_import.account IS 'Account on the platform';
COMMENT ON COLUMN cost_import.site IS 'Site id';
COMMENT ON COLUMN cost_import.file IS 'Name of the file';
COMMENT ON COLUMN cost_import.rows IS 'Rows taken';
COMMENT ON COLUMN cost_import.refused IS 'Rows refused';
COMMENT ON COLUMN cost_import.imported_at IS 'When';

CREATE TABLE cost_history (
	LIKE cost,
	replaced_by bigint NOT NULL
);
CREATE INDEX cost_history_day ON cost_history (day, dim);
COMMENT ON TABLE cost_history IS 'Cost rows that a later import replaced; columns as in cost';
COMMENT ON COLUMN cost_history.platform IS 'As in cost';
COMMENT ON COLUMN cost_history.account IS 'As in cost';
COMMENT ON COLUMN cost_history.site IS 'As in cost';
COMMENT ON COLUMN cost_history.day IS 'As in cost';
COMMENT ON COLUMN cost_history.source IS 'As in cost';
COMMENT ON COLUMN cost_history.medium IS 'As in cost';
COMMENT ON COLUMN cost_history.campaign IS 'As in cost';
COMMENT ON COLUMN cost_history.campaign_id IS 'As in cost';
COMMENT ON COLUMN cost_history.dim IS 'As in cost';
COMMENT ON COLUMN cost_history.amount_micros IS 'As in cost';
COMMENT ON COLUMN cost_history.currency IS 'As in cost';
COMMENT ON COLUMN cost_history.cost_micros IS 'As in cost';
COMMENT ON COLUMN cost_history.rate_micros IS 'As in cost';
COMMENT ON COLUMN cost_history.rate_day IS 'As in cost';
COMMENT ON COLUMN cost_history.clicks IS 'As in cost';
COMMENT ON COLUMN cost_history.impressions IS 'As in cost';
COMMENT ON COLUMN cost_history.import_id IS 'Import that brought the row';
COMMENT ON COLUMN cost_history.name IS 'As in cost';
COMMENT ON COLUMN cost_history.replaced_by IS 'Import that replaced it';

CREATE TABLE fx_rate (
	day date NOT NULL,
	base text COLLATE "C" NOT NULL,
	currency text COLLATE "C" NOT NULL,
	rate_micros bigint NOT NULL,
	imported_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (base, currency, day)
);
COMMENT ON TABLE fx_rate IS 'Daily currency rates';
COMMENT ON COLUMN fx_rate.day IS 'Day of the rate';
COMMENT ON COLUMN fx_rate.base IS 'Reporting currency';
COMMENT ON COLUMN fx_rate.currency IS 'Foreign currency';
COMMENT ON COLUMN fx_rate.rate_micros IS 'Units of the reporting currency for one unit of the foreign one, in micros';
COMMENT ON COLUMN fx_rate.imported_at IS 'When the rate was imported';

CREATE TABLE dead_letter (
	topic text COLLATE "C" NOT NULL,
	partition integer NOT NULL,
	"offset" bigint NOT NULL,
	reason text NOT NULL,
	record bytea NOT NULL,
	set_aside_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (topic, partition, "offset")
);
COMMENT ON TABLE dead_letter IS 'Records that could not be used, with the reason';
COMMENT ON COLUMN dead_letter.topic IS 'Kafka topic';
COMMENT ON COLUMN dead_letter.partition IS 'Kafka partition';
COMMENT ON COLUMN dead_letter."offset" IS 'Kafka offset';
COMMENT ON COLUMN dead_letter.reason IS 'Why';
COMMENT ON COLUMN dead_letter.record IS 'The record''s bytes';
COMMENT ON COLUMN dead_letter.set_aside_at IS 'When';
