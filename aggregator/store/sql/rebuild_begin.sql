-- The schema that a rebuild works in, and what the tables held as it began.
-- What is read is unlogged: after a crash of PostgreSQL all of it is gone
-- together with the plan, and the rebuild begins anew.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
DROP SCHEMA IF EXISTS afterclick_rebuild CASCADE;
CREATE SCHEMA afterclick_rebuild;
COMMENT ON SCHEMA afterclick_rebuild IS
	'Work of `afterclick rebuild`; may be dropped when none is running';
SET search_path TO afterclick_rebuild, afterclick;

CREATE UNLOGGED TABLE plan (
	rules text NOT NULL,
	from_day date,
	phase integer NOT NULL,
	customers_waiting bigint NOT NULL
);
CREATE UNLOGGED TABLE progress (
	partition integer PRIMARY KEY,
	first_offset bigint NOT NULL,
	next_offset bigint NOT NULL,
	target bigint NOT NULL,
	dedup bytea NOT NULL,
	live_dedup bytea,
	live_watermark timestamptz
);
CREATE TABLE cut (
	site text COLLATE "C" PRIMARY KEY,
	at timestamptz NOT NULL
);
CREATE TABLE channel (
	dim integer PRIMARY KEY,
	channel text COLLATE "C" NOT NULL
);

CREATE TABLE cost_name (
	site text COLLATE "C",
	source text COLLATE "C",
	medium text COLLATE "C",
	name text COLLATE "C",
	campaign_id text COLLATE "C",
	campaign text COLLATE "C"
);

CREATE UNLOGGED TABLE in_touch (LIKE afterclick.touch INCLUDING DEFAULTS);
CREATE UNLOGGED TABLE in_conversion (LIKE afterclick.conversion);
CREATE UNLOGGED TABLE in_refund (LIKE afterclick.refund);
CREATE UNLOGGED TABLE in_identity (LIKE afterclick.identity);
CREATE UNLOGGED TABLE in_handle (
	handle uuid NOT NULL,
	click boolean NOT NULL,
	visitor uuid,
	visitor_ts timestamptz,
	visitor_event_id text COLLATE "C",
	user_key uuid,
	user_ts timestamptz,
	user_event_id text COLLATE "C"
);
CREATE UNLOGGED TABLE in_hits (LIKE afterclick.hits_daily);
CREATE UNLOGGED TABLE in_quality (LIKE afterclick.quality_daily);
CREATE UNLOGGED TABLE in_refusal (LIKE afterclick.refusal_daily);
CREATE UNLOGGED TABLE in_bot_landing (LIKE afterclick.bot_landing_daily);
CREATE UNLOGGED TABLE in_dead (LIKE afterclick.dead_letter INCLUDING DEFAULTS);

-- These stand in front of the live ones for who works here: what the engine
-- writes beside the tables that are rebuilt must not get there.
CREATE TABLE site (LIKE afterclick.site INCLUDING ALL);
INSERT INTO site SELECT * FROM afterclick.site;
CREATE TABLE dirty (LIKE afterclick.dirty INCLUDING ALL);
CREATE TABLE position (LIKE afterclick.position INCLUDING ALL);
CREATE TABLE restatement (LIKE afterclick.restatement INCLUDING ALL);

-- The tables that are rebuilt, as they are now but for their indexes.
CREATE TABLE part (name text PRIMARY KEY);
INSERT INTO part VALUES ('touch'), ('conversion'), ('refund'), ('order_key'),
	('identity'), ('handle'), ('outcome'), ('credit'), ('campaign_daily'),
	('traffic_daily'), ('hits_daily'), ('campaign_hit'),
	('quality_daily'), ('refusal_daily'), ('bot_landing_daily');
DO $$
DECLARE
	p record;
BEGIN
	FOR p IN
		SELECT name, c.reloptions, obj_description(c.oid) AS about
		FROM part
		JOIN pg_class c ON c.oid = format('afterclick.%I', name)::regclass
	LOOP
		EXECUTE format('CREATE TABLE afterclick_rebuild.%1$I ('
			'LIKE afterclick.%1$I INCLUDING DEFAULTS '
			'INCLUDING CONSTRAINTS INCLUDING COMMENTS '
			'INCLUDING GENERATED INCLUDING IDENTITY '
			'INCLUDING STORAGE INCLUDING COMPRESSION)', p.name);
		EXECUTE format('COMMENT ON TABLE afterclick_rebuild.%I IS %L',
			p.name, p.about);
		IF p.reloptions IS NOT NULL THEN
			EXECUTE format('ALTER TABLE afterclick_rebuild.%I SET (%s)',
				p.name, array_to_string(p.reloptions, ', '));
		END IF;
	END LOOP;
END
$$;

CREATE FUNCTION add_indexes(part text) RETURNS void LANGUAGE plpgsql
SET search_path TO '' AS $$
DECLARE
	i record;
BEGIN
	FOR i IN
		SELECT pg_get_indexdef(x.indexrelid) AS def, k.conname AS name,
			pg_get_constraintdef(k.oid) AS con
		FROM pg_index x
		LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid
			AND k.conrelid = x.indrelid
			AND k.contype IN ('p', 'u', 'x')
		WHERE x.indrelid = format('afterclick.%I', part)::regclass
		ORDER BY x.indisprimary DESC, x.indexrelid
	LOOP
		IF i.name IS NOT NULL THEN
			EXECUTE format('ALTER TABLE afterclick_rebuild.%I '
				'ADD CONSTRAINT %I %s', part, i.name, i.con);
		ELSE
			EXECUTE replace(i.def, ' ON afterclick.',
				' ON afterclick_rebuild.');
		END IF;
	END LOOP;
	EXECUTE format('ANALYZE afterclick_rebuild.%I', part);
END
$$;

CREATE TABLE old_cell AS SELECT * FROM afterclick.campaign_daily;
CREATE TABLE old_traffic AS SELECT * FROM afterclick.traffic_daily;
CREATE TABLE swap_topic (topic text COLLATE "C" NOT NULL);
CREATE TABLE computed_with (inputs text);
CREATE VIEW inputs AS
SELECT md5(concat(
	(SELECT string_agg(p::text, ' ' ORDER BY p) FROM afterclick.model_pin p),
	(SELECT count(*) || ' ' || max(imported_at) FROM afterclick.fx_rate)))
	AS inputs
