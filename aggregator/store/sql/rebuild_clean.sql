-- What is left of a rebuild. The old tables go only if nothing needs them.
DROP SCHEMA IF EXISTS afterclick_rebuild CASCADE;
DO $$
DECLARE
	p record;
BEGIN
	FOR p IN
		SELECT relname FROM pg_class
		WHERE relkind = 'r'
			AND relnamespace = to_regnamespace('afterclick_replaced')
	LOOP
		EXECUTE format('DROP TABLE afterclick_replaced.%I', p.relname);
	END LOOP;
	DROP SCHEMA IF EXISTS afterclick_replaced;
END
$$;
SET search_path TO afterclick
