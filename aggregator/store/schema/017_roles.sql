-- Who may do what: a role that writes rows and changes no table, and roles
-- that read some sites only, in a schema of their own with every view.

CREATE FUNCTION grant_writer(writer text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	t record;
	granted bigint := 0;
BEGIN
	EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', 'afterclick', writer);
	FOR t IN
		SELECT c.relname, c.relkind FROM pg_class c
		WHERE c.relnamespace = 'afterclick'::regnamespace
			AND c.relkind IN ('r', 'p', 'v')
	LOOP
		EXECUTE format('GRANT %s ON afterclick.%I TO %I',
			CASE WHEN t.relkind = 'v' OR t.relname IN
				('schema_version', 'order_secret', 'site_reader')
				THEN 'SELECT'
				ELSE 'SELECT, INSERT, UPDATE, DELETE' END,
			t.relname, writer);
		granted := granted + 1;
	END LOOP;
	RETURN granted;
END
$$;
COMMENT ON FUNCTION grant_writer(text) IS 'Lets a role do what aggregators and imports do: rows of every table but those of the operator, and no table itself; returns how many tables and views there are';

CREATE TABLE site_reader (
	role text COLLATE "C" PRIMARY KEY,
	sites text[] COLLATE "C" NOT NULL
);
COMMENT ON TABLE site_reader IS 'Roles that read some sites only, by postgres.site_readers';
COMMENT ON COLUMN site_reader.role IS 'Role';
COMMENT ON COLUMN site_reader.sites IS 'Sites it reads';

-- A view of a view runs with its owner's rights, and asks who it is that
-- reads. No condition of a reader's is looked at before its sites are, unless
-- it can tell nobody anything (security_barrier). A view that has neither a
-- site nor a campaign, and is not known to be about no site, is left out.
CREATE FUNCTION make_site_views() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	v record;
	own text := '(SELECT s.sites FROM afterclick_sites.own_sites s)::text[]';
	made bigint := 0;
	n record;
BEGIN
	DROP SCHEMA IF EXISTS afterclick_sites CASCADE;
	CREATE SCHEMA afterclick_sites;
	COMMENT ON SCHEMA afterclick_sites IS 'The views of afterclick for roles that read some sites only';
	CREATE VIEW afterclick_sites.own_sites AS
	SELECT coalesce(array_agg(DISTINCT n.site), '{}'::text[]) AS sites
	FROM afterclick.site_reader r
	JOIN pg_catalog.pg_roles p ON p.rolname = r.role
	CROSS JOIN LATERAL unnest(r.sites) AS n (site)
	WHERE pg_catalog.pg_has_role(current_user, p.oid, 'MEMBER');
	COMMENT ON VIEW afterclick_sites.own_sites IS 'The sites that the role may read';
	FOR v IN
		SELECT c.oid, c.relname, string_agg(format('v.%I', a.attname), ', '
				ORDER BY a.attnum) AS columns,
			CASE
			WHEN bool_or(a.attname = 'site')
				THEN format('v.site = ANY (%s)', own)
			WHEN bool_or(a.attname = 'campaign_key')
				THEN format('v.campaign_key = ANY (ARRAY(SELECT d.dim '
					'FROM afterclick.dimension d '
					'WHERE d.site = ANY (%s)))', own)
			WHEN c.relname IN ('attribution_models', 'freshness')
				THEN 'true'
			END AS rule
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
			AND NOT a.attisdropped
		WHERE c.relnamespace = 'afterclick'::regnamespace
			AND c.relkind = 'v'
		GROUP BY c.oid, c.relname
		ORDER BY c.relname
	LOOP
		CONTINUE WHEN v.rule IS NULL;
		EXECUTE format('CREATE VIEW afterclick_sites.%I '
			'WITH (security_barrier) AS SELECT %s FROM afterclick.%I v '
			'WHERE %s', v.relname, v.columns, v.relname, v.rule);
		FOR n IN SELECT objsubid, description FROM pg_description
			WHERE classoid = 'pg_class'::regclass AND objoid = v.oid
		LOOP
			IF n.objsubid = 0 THEN
				EXECUTE format('COMMENT ON VIEW afterclick_sites.%I IS %L',
					v.relname, n.description);
			ELSE
				EXECUTE format('COMMENT ON COLUMN '
					'afterclick_sites.%I.%I IS %L', v.relname,
					(SELECT attname FROM pg_attribute
					WHERE attrelid = v.oid AND attnum = n.objsubid),
					n.description);
			END IF;
		END LOOP;
		made := made + 1;
	END LOOP;
	RETURN made;
END
$$;
COMMENT ON FUNCTION make_site_views() IS 'Makes the schema afterclick_sites anew; returns how many views it has';

CREATE FUNCTION set_site_readers(roles text[], lists text[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	r text;
	made bigint;
BEGIN
	DELETE FROM site_reader WHERE role <> ALL (roles);
	INSERT INTO site_reader (role, sites)
	SELECT n.role, regexp_split_to_array(btrim(n.list), '[ ,]+')
	FROM unnest(roles, lists) AS n (role, list)
	ON CONFLICT (role) DO UPDATE SET sites = excluded.sites;
	IF cardinality(roles) = 0 THEN
		DROP SCHEMA IF EXISTS afterclick_sites CASCADE;
		RETURN 0;
	END IF;
	made := make_site_views();
	FOREACH r IN ARRAY roles LOOP
		-- Whatever it could read before.
		EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA afterclick '
			'FROM %I', r);
		EXECUTE format('REVOKE ALL ON SCHEMA afterclick FROM %I', r);
		EXECUTE format('GRANT USAGE ON SCHEMA afterclick_sites TO %I', r);
		EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA '
			'afterclick_sites TO %I', r);
	END LOOP;
	RETURN made;
END
$$;
COMMENT ON FUNCTION set_site_readers(text[], text[]) IS 'Lets roles read the sites of a list each (ids with blanks or commas between), and no other roles; returns how many views they have';

-- A function in a view asks with the rights of who reads it; a subquery of
-- the view with its owner's.
DO $$
BEGIN
	EXECUTE 'CREATE OR REPLACE VIEW roi_check AS ' || replace(
		pg_get_viewdef('roi_check'::regclass), 'checked_since()',
		'(SELECT coalesce(max((r.kept_since AT TIME ZONE ''UTC'')::date '
		'+ 2), ''-infinity'') FROM retention_run r '
		'WHERE r.what = ''conversions'' AND r.removed > 0)');
END
$$;
