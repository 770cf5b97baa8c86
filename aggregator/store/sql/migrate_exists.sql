-- whether migrations were ever applied
SELECT to_regclass('afterclick.schema_version') IS NOT NULL;
