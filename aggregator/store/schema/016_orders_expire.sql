-- Order ids become hashes, conversions and experiments' customers go, each
-- when its time is over. Sums of days that are gone are not held against
-- their parts any more.

CREATE TABLE order_secret (
	secret bytea NOT NULL
);
COMMENT ON TABLE order_secret IS 'One row: what order ids are hashed with, so that a list of order ids alone tells nobody which hash is whose';
COMMENT ON COLUMN order_secret.secret IS '32 random bytes, made once; with another one no refund finds its old order';
INSERT INTO order_secret
SELECT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text,
	'-', ''), 'hex');

CREATE FUNCTION order_is_hash(order_id text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
	SELECT length(order_id) = 66 AND order_id ~ '^h\.[0-9a-f]{64}$'
$$;
COMMENT ON FUNCTION order_is_hash(text) IS 'Whether an order id is what order_hash makes of one';

CREATE FUNCTION order_hash(site text, order_id text) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
	SELECT CASE WHEN order_is_hash(order_id) THEN order_id
		ELSE 'h.' || encode(sha256(s.secret
			|| convert_to(site || E'\n' || order_id, 'UTF8')), 'hex')
	END
	FROM order_secret s
$$;
COMMENT ON FUNCTION order_hash(text, text) IS 'What stands for an order id once retention.order_ids is over; of a hash itself';

-- An order is hashed everywhere at once, and under its key's lock: whoever
-- writes a conversion or refund of it locks the key before he looks under
-- which name the order is (order_names.sql). Nobody attributes meanwhile, as
-- a conversion and its refunds are read one after the other.
CREATE FUNCTION hash_orders(since timestamptz, at_most bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	sites text[];
	ids text[];
	hashes text[];
BEGIN
	PERFORM pg_advisory_xact_lock(7311542);
	SELECT array_agg(o.site), array_agg(o.order_id),
		array_agg(order_hash(o.site, o.order_id))
	INTO sites, ids, hashes
	FROM (
		SELECT site, order_id FROM (
			(SELECT site, order_id FROM conversion
			WHERE ts < since AND order_id IS NOT NULL
				AND NOT order_is_hash(order_id) LIMIT at_most)
			UNION
			(SELECT site, order_id FROM refund
			WHERE ts < since AND NOT order_is_hash(order_id)
			LIMIT at_most)
			UNION
			(SELECT site, order_id FROM shop_order
			WHERE ordered_at < since AND NOT order_is_hash(order_id)
			LIMIT at_most)
			UNION
			(SELECT site, transaction_id FROM export_receipt
			WHERE prepared_at < since AND transaction_id <> event_id
				AND NOT order_is_hash(transaction_id)
			LIMIT at_most)
		) a
		LIMIT at_most
	) o;
	IF sites IS NULL THEN
		RETURN 0;
	END IF;
	PERFORM FROM order_key k
	WHERE (k.site, k.dedup_key) IN (SELECT * FROM unnest(sites, ids))
	ORDER BY k.site, k.dedup_key FOR UPDATE;
	WITH plain AS (
		DELETE FROM order_key k
		USING unnest(sites, ids) AS n (site, id)
		WHERE k.site = n.site AND k.dedup_key = n.id
		RETURNING k.*
	)
	INSERT INTO order_key AS k (site, dedup_key, events)
	SELECT n.site, n.hash, coalesce(p.events, 0)
	FROM unnest(sites, ids, hashes) AS n (site, id, hash)
	LEFT JOIN plain p ON p.site = n.site AND p.dedup_key = n.id
	ON CONFLICT (site, dedup_key) DO UPDATE
	SET events = k.events + excluded.events;
	UPDATE conversion c
	SET order_id = n.hash, dedup_key = CASE WHEN c.dedup_key = c.order_id
		THEN n.hash ELSE c.dedup_key END
	FROM unnest(sites, ids, hashes) AS n (site, id, hash)
	WHERE c.site = n.site AND c.order_id = n.id;
	UPDATE refund r SET order_id = n.hash
	FROM unnest(sites, ids, hashes) AS n (site, id, hash)
	WHERE r.site = n.site AND r.order_id = n.id;
	UPDATE shop_order s SET order_id = n.hash
	FROM unnest(sites, ids, hashes) AS n (site, id, hash)
	WHERE s.site = n.site AND s.order_id = n.id;
	UPDATE export_receipt e SET transaction_id = n.hash
	FROM unnest(sites, ids, hashes) AS n (site, id, hash)
	WHERE e.site = n.site AND e.transaction_id = n.id
		AND e.transaction_id <> e.event_id;
	RETURN cardinality(sites);
END
$$;
COMMENT ON FUNCTION hash_orders(timestamptz, bigint) IS 'Hashes the ids of orders of which something is older; returns how many';

CREATE INDEX conversion_ts ON conversion USING brin (ts);

-- A conversion that was refunded later stays until the refund's day is over
-- too, so that every sum has either all its parts or is looked at no more.
CREATE FUNCTION expire_conversions(since timestamptz, at_most bigint)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	sites text[];
	ids text[];
	keys text[];
	checked date := (since AT TIME ZONE 'UTC')::date + 2;
BEGIN
	PERFORM pg_advisory_xact_lock(7311542);
	SELECT array_agg(site), array_agg(event_id), array_agg(dedup_key)
	INTO sites, ids, keys
	FROM (
		SELECT c.site, c.event_id, c.dedup_key FROM conversion c
		WHERE c.ts < since AND NOT EXISTS (
			SELECT FROM outcome o
			WHERE o.site = c.site AND o.event_id = c.event_id
				AND o.refunded_micros > 0
				AND checked <= ANY (o.refund_days))
		LIMIT at_most
	) c;
	WITH gone AS (
		DELETE FROM outcome o
		USING unnest(sites, ids) AS n (site, id)
		WHERE o.site = n.site AND o.event_id = n.id
		RETURNING o.customer, o.site, o.event_id
	)
	DELETE FROM credit c USING gone g
	WHERE c.customer = g.customer AND c.site = g.site
		AND c.event_id = g.event_id;
	DELETE FROM conversion c
	USING unnest(sites, ids) AS n (site, id)
	WHERE c.site = n.site AND c.event_id = n.id;
	DELETE FROM refund r
	WHERE r.ts < since AND NOT EXISTS (SELECT FROM conversion c
		WHERE c.site = r.site AND c.dedup_key = r.order_id);
	DELETE FROM order_key k
	USING unnest(sites, keys) AS n (site, key)
	WHERE k.site = n.site AND k.dedup_key = n.key
		AND NOT EXISTS (SELECT FROM conversion c
			WHERE c.site = k.site AND c.dedup_key = k.dedup_key)
		AND NOT EXISTS (SELECT FROM refund r
			WHERE r.site = k.site AND r.order_id = k.dedup_key);
	RETURN coalesce(cardinality(sites), 0);
END
$$;
COMMENT ON FUNCTION expire_conversions(timestamptz, bigint) IS 'Removes older conversions with their credits and refunds; daily numbers stay. Returns how many';

-- All of an experiment at once: what a customer counted for must not be taken
-- back for want of an exposure that is gone.
CREATE FUNCTION expire_exposures(since timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	sites text[];
	names text[];
	gone bigint;
BEGIN
	PERFORM pg_advisory_xact_lock(7311542);
	SELECT array_agg(site), array_agg(experiment) INTO sites, names
	FROM (SELECT site, experiment FROM exposure
		GROUP BY site, experiment HAVING max(ts) < since) e;
	DELETE FROM experiment_customer c
	USING unnest(sites, names) AS n (site, name)
	WHERE c.site = n.site AND c.experiment = n.name;
	DELETE FROM exposure x
	USING unnest(sites, names) AS n (site, name)
	WHERE x.site = n.site AND x.experiment = n.name;
	GET DIAGNOSTICS gone = ROW_COUNT;
	RETURN gone;
END
$$;
COMMENT ON FUNCTION expire_exposures(timestamptz) IS 'Removes who took part in experiments that nobody has been exposed to since; their sums stay. Returns how many';

CREATE FUNCTION checked_since() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT coalesce((SELECT (kept_since AT TIME ZONE 'UTC')::date + 2
		FROM retention_run WHERE what = 'conversions' AND removed > 0),
		'-infinity')
$$;
COMMENT ON FUNCTION checked_since() IS 'First day whose numbers can be held against conversions and credits: those of earlier days are gone';
DO $$
BEGIN
	EXECUTE 'CREATE OR REPLACE VIEW roi_check AS '
		|| rtrim(pg_get_viewdef('roi_check'::regclass), ';')
		|| ' WHERE p.day IS NULL OR p.day >= checked_since()';
END
$$;
COMMENT ON COLUMN retention_run.what IS 'touches, click_ids, addresses, user_agents, order_ids, conversions or dead_letters; frozen: conversions before are not computed anew, as touches before them are gone';
