-- The rebuilt tables take the place of the live ones, in one transaction of
-- some milliseconds. Views keep their names, grants and readers: each is
-- replaced by its own text, which now finds the other table. Who attributes
-- and who imports is waited for first, then whoever writes a batch: each
-- begins with its position.
SET LOCAL lock_timeout = '3s';
SELECT pg_advisory_xact_lock(7311542), pg_advisory_xact_lock(7311543);
LOCK TABLE afterclick.position IN ACCESS EXCLUSIVE MODE;
DO $$
DECLARE
	p record;
	g record;
	place text;
	v text;
	views text[];
BEGIN
	FOR p IN SELECT name FROM afterclick_rebuild.part ORDER BY name LOOP
		EXECUTE format('LOCK TABLE afterclick.%I IN ACCESS EXCLUSIVE MODE',
			p.name);
	END LOOP;
	-- So that every name in the texts has its schema.
	PERFORM set_config('search_path', 'pg_catalog', true);
	DROP VIEW afterclick_rebuild.conversion_candidate;
	SELECT array_agg(format('CREATE OR REPLACE VIEW %s%s AS %s',
		c.oid::regclass, ' WITH (' || array_to_string(c.reloptions, ', ')
		|| ')', pg_get_viewdef(c.oid)) ORDER BY c.oid)
	INTO views
	FROM pg_class c
	WHERE c.relkind = 'v' AND c.oid IN (
		SELECT r.ev_class
		FROM pg_depend d
		JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass
			AND r.oid = d.objid
		JOIN afterclick_rebuild.part q ON d.refobjid =
			format('afterclick.%I', q.name)::regclass
		WHERE d.refclassid = 'pg_class'::regclass)
		AND c.relnamespace <> 'afterclick_rebuild'::regnamespace;
	FOR p IN
		SELECT q.name, c.oid, c.relowner, c.relacl
		FROM afterclick_rebuild.part q
		JOIN pg_class c ON c.oid = format('afterclick.%I', q.name)::regclass
	LOOP
		place := format('afterclick_rebuild.%I', p.name);
		EXECUTE format('ALTER TABLE %s OWNER TO %s', place,
			p.relowner::regrole);
		FOR g IN
			SELECT NULL AS col, a.* FROM aclexplode(p.relacl) a
			UNION ALL
			SELECT c.attname, a.*
			FROM pg_attribute c CROSS JOIN aclexplode(c.attacl) a
			WHERE c.attrelid = p.oid AND c.attacl IS NOT NULL
				AND NOT c.attisdropped
		LOOP
			EXECUTE format('GRANT %s%s ON %s TO %s%s', g.privilege_type,
				CASE WHEN g.col IS NOT NULL
					THEN format(' (%I)', g.col) END, place,
				CASE g.grantee WHEN 0 THEN 'PUBLIC'
					ELSE g.grantee::regrole::text END,
				CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' END);
		END LOOP;
	END LOOP;
	CREATE SCHEMA afterclick_replaced;
	FOR p IN SELECT name FROM afterclick_rebuild.part LOOP
		EXECUTE format('ALTER TABLE afterclick.%I SET SCHEMA '
			'afterclick_replaced', p.name);
		EXECUTE format('ALTER TABLE afterclick_rebuild.%I SET SCHEMA '
			'afterclick', p.name);
	END LOOP;
	FOREACH v IN ARRAY views LOOP
		EXECUTE v;
	END LOOP;
END
$$;
SET LOCAL search_path TO afterclick_rebuild, afterclick;

-- Everybody reads on from where the rebuilt tables are. The epoch tells those
-- who hold a partition that it moved, the owner that it is still theirs.
UPDATE afterclick.position p
SET epoch = p.epoch + 1, next_offset = coalesce(g.target, 0),
	dedup = coalesce(g.live_dedup, g.dedup, ''),
	watermark = g.live_watermark, updated_at = now()
FROM afterclick.position q
LEFT JOIN progress g USING (partition)
WHERE q.topic = (SELECT topic FROM swap_topic) AND p.topic = q.topic
	AND p.partition = q.partition;
INSERT INTO afterclick.position (topic, partition, epoch, next_offset, owner,
	dedup, watermark)
SELECT t.topic, g.partition, 1, g.target, 'afterclick rebuild', g.dedup,
	g.live_watermark
FROM progress g CROSS JOIN swap_topic t
ON CONFLICT (topic, partition) DO NOTHING;

INSERT INTO afterclick.site SELECT * FROM site
ON CONFLICT (site) DO UPDATE
SET timezone = excluded.timezone, currency = excluded.currency,
	margin_micros = excluded.margin_micros,
	lookback_ms = excluded.lookback_ms, updated_at = excluded.updated_at;
UPDATE dimension d SET channel = c.channel FROM channel c WHERE c.dim = d.dim;

-- Letters that can be read by now are none any more.
DELETE FROM dead_letter d
USING progress g, swap_topic t
WHERE d.topic = t.topic AND d.partition = g.partition
	AND d."offset" >= g.first_offset AND d."offset" < g.target
	AND NOT EXISTS (SELECT FROM in_dead i
		WHERE i.topic = d.topic AND i.partition = d.partition
			AND i."offset" = d."offset");
INSERT INTO dead_letter SELECT DISTINCT ON (topic, partition, "offset") *
FROM in_dead ORDER BY topic, partition, "offset"
ON CONFLICT (topic, partition, "offset")
	DO UPDATE SET reason = excluded.reason
	WHERE dead_letter.reason <> excluded.reason;

-- Costs are named by the rules of now, and find their campaigns by the ids
-- that hits name now.
UPDATE cost c SET campaign = n.campaign
FROM cost_name n
WHERE (c.site, c.source, c.medium, c.name, c.campaign_id)
	= (n.site, n.source, n.medium, n.name, n.campaign_id);
UPDATE cost c SET dim = p.dim
FROM (
	SELECT site, campaign_id, source, medium, campaign,
		cost_dim(site, campaign_id, source, medium, campaign) AS dim
	FROM (SELECT DISTINCT site, campaign_id, source, medium, campaign
		FROM cost) k
) p
WHERE c.site = p.site AND c.campaign_id = p.campaign_id
	AND c.source = p.source AND c.medium = p.medium
	AND c.campaign = p.campaign AND c.dim <> p.dim;

-- Rates or pins have changed since the credits were computed: again, then.
INSERT INTO afterclick.dirty (customer)
SELECT DISTINCT o.customer FROM afterclick.outcome o
WHERE (SELECT inputs FROM inputs) <> (SELECT max(inputs) FROM computed_with)
ORDER BY o.customer
ON CONFLICT DO NOTHING;
-- Exposures stay as they are; what the exposed count for may be another.
INSERT INTO afterclick.dirty (customer)
SELECT DISTINCT coalesce(i.user_key, x.visitor)
FROM afterclick.exposure x
LEFT JOIN afterclick.identity i USING (visitor)
ORDER BY 1
ON CONFLICT DO NOTHING;

INSERT INTO afterclick.restatement AS r (restated_on, day, dim, basis,
	model_id, reason, old_conversions_micros, new_conversions_micros,
	old_value_micros, new_value_micros, old_refund_micros,
	new_refund_micros)
SELECT (now() AT TIME ZONE 'UTC')::date, x.day, x.dim, x.basis, x.model_id,
	'rebuild', x.old_conversions, x.new_conversions, x.old_value,
	x.new_value, x.old_refund, x.new_refund
FROM difference x
JOIN dimension d USING (dim)
JOIN afterclick.day_status s ON s.site = d.site AND s.day = x.day
WHERE s.day_status = 'final'
ON CONFLICT (restated_on, day, dim, basis, model_id, reason) DO UPDATE
SET changes = r.changes + 1,
	new_conversions_micros = excluded.new_conversions_micros,
	new_value_micros = excluded.new_value_micros,
	new_refund_micros = excluded.new_refund_micros, last_at = now();
UPDATE plan SET phase = 5
