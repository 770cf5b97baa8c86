-- list the migrations that were applied
SELECT version, name, checksum FROM schema_version ORDER BY version;
