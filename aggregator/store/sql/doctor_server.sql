-- what the server is, its clock, and how large the database has become
SELECT current_setting('server_version') AS version,
	current_setting('server_version_num')::bigint AS number,
	clock_timestamp() AS now,
	pg_size_pretty(pg_database_size(current_database())) AS size,
	current_setting('fsync') = 'on' AND
		current_setting('synchronous_commit') <> 'off' AS durable,
	(SELECT bool_or(rolsuper) FROM pg_roles WHERE rolname = current_user)
		AS superuser
