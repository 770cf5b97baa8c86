-- Who was erased, what of it still counts, and that it was done.

CREATE TABLE suppression (
	entry uuid PRIMARY KEY,
	secret uuid NOT NULL,
	erased_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE suppression IS 'Keyed hashes of the ids of erased customers: what names one is nobody''s when it comes again';
COMMENT ON COLUMN suppression.entry IS 'Keyed hash of a visitor, user, address, order or click id; the key is in the file erased_file only';
COMMENT ON COLUMN suppression.secret IS 'Fingerprint of that key, to tell that the file and the table belong together';
COMMENT ON COLUMN suppression.erased_at IS 'When';

-- Their outcomes and credits stay as they were, so the daily cells stay sums
-- of credits; the number is random and stands for one conversion.
CREATE TABLE erased_customer (
	customer uuid PRIMARY KEY
);
COMMENT ON TABLE erased_customer IS 'Customer numbers in outcomes, credits and experiments that lead to nobody: never computed anew';
COMMENT ON COLUMN erased_customer.customer IS 'Random; one for each conversion and each experiment of an erased customer';

CREATE TABLE erased_traffic (
	day date NOT NULL,
	dim integer NOT NULL,
	visits bigint NOT NULL,
	touches bigint NOT NULL,
	PRIMARY KEY (day, dim)
);
COMMENT ON TABLE erased_traffic IS 'The part of traffic_daily whose touches were erased: sums over all that were';
COMMENT ON COLUMN erased_traffic.day IS 'Reporting day';
COMMENT ON COLUMN erased_traffic.dim IS 'Site, source, medium, campaign and channel';
COMMENT ON COLUMN erased_traffic.visits IS 'Visits';
COMMENT ON COLUMN erased_traffic.touches IS 'Touches';

CREATE TABLE erasure (
	erasure_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	erased_at timestamptz NOT NULL DEFAULT now(),
	by_role text NOT NULL DEFAULT session_user,
	kind text COLLATE "C" NOT NULL,
	entries uuid[] NOT NULL,
	visitors bigint NOT NULL,
	users bigint NOT NULL,
	addresses bigint NOT NULL,
	orders bigint NOT NULL,
	touches bigint NOT NULL,
	conversions bigint NOT NULL,
	exposures bigint NOT NULL,
	exports bigint NOT NULL
);
COMMENT ON TABLE erasure IS 'Receipts: one row for each id that afterclick forget was asked to erase';
COMMENT ON COLUMN erasure.erasure_id IS 'Number of the receipt';
COMMENT ON COLUMN erasure.erased_at IS 'When';
COMMENT ON COLUMN erasure.by_role IS 'Database role that did it';
COMMENT ON COLUMN erasure.kind IS 'What was named: visitor, user, order or email; again: the list was applied once more';
COMMENT ON COLUMN erasure.entries IS 'Its keyed hashes, one for each site, as in suppression: with the key and the id one can prove which receipt it was';
COMMENT ON COLUMN erasure.visitors IS 'Visitors of that customer';
COMMENT ON COLUMN erasure.users IS 'Users';
COMMENT ON COLUMN erasure.addresses IS 'Hashed e-mail addresses, phone numbers and click ids';
COMMENT ON COLUMN erasure.orders IS 'Orders';
COMMENT ON COLUMN erasure.touches IS 'Touches deleted';
COMMENT ON COLUMN erasure.conversions IS 'Conversions whose ids were removed';
COMMENT ON COLUMN erasure.exposures IS 'Exposures deleted';
COMMENT ON COLUMN erasure.exports IS 'Receipts of exports deleted: the ad platform still has those conversions';
