-- What reads a table itself, and so could not follow when another takes its
-- place; views can, and so can what reads views.
-- $1 the tables
WITH part AS (
	SELECT c.oid FROM pg_class c
	WHERE c.relnamespace = 'afterclick'::regnamespace
		AND c.relname = ANY ($1::text[])
), reader AS (
	SELECT DISTINCT v.oid, v.relkind, v.relowner
	FROM pg_depend d
	JOIN part p ON p.oid = d.refobjid
	JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass
		AND r.oid = d.objid
	JOIN pg_class v ON v.oid = r.ev_class
	WHERE d.refclassid = 'pg_class'::regclass
		AND v.relnamespace IS DISTINCT FROM
			to_regnamespace('afterclick_rebuild')
)
SELECT 'the materialized view ' || oid::regclass AS obstacle
FROM reader WHERE relkind = 'm'
UNION ALL
SELECT 'the view ' || oid::regclass || ', which belongs to '
	|| relowner::regrole
FROM reader WHERE relkind = 'v' AND NOT pg_has_role(relowner, 'USAGE')
UNION ALL
SELECT 'the publication ' || quote_ident(b.pubname)
FROM pg_publication_rel r
JOIN pg_publication b ON b.oid = r.prpubid
WHERE r.prrelid IN (SELECT oid FROM part)
UNION ALL
SELECT 'the foreign key ' || quote_ident(k.conname) || ' of '
	|| k.conrelid::regclass
FROM pg_constraint k
WHERE k.contype = 'f' AND (k.confrelid IN (SELECT oid FROM part)
	OR k.conrelid IN (SELECT oid FROM part))
UNION ALL
SELECT 'the trigger ' || quote_ident(t.tgname) || ' on ' || t.tgrelid::regclass
FROM pg_trigger t
WHERE NOT t.tgisinternal AND t.tgrelid IN (SELECT oid FROM part)
UNION ALL
SELECT 'the policy ' || quote_ident(p.polname) || ' on ' || p.polrelid::regclass
FROM pg_policy p
WHERE p.polrelid IN (SELECT oid FROM part)
UNION ALL
SELECT 'the function ' || d.objid::regprocedure
FROM pg_depend d
JOIN part p ON p.oid = d.refobjid
WHERE d.refclassid = 'pg_class'::regclass AND d.classid = 'pg_proc'::regclass
ORDER BY 1
