-- Whether this role could write if it were let: a reader should not.
SELECT bool_or(has_table_privilege(c.oid, 'INSERT')) AS may_write
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'afterclick' AND c.relkind IN ('r', 'v')
