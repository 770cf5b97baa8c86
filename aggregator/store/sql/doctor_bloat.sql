-- the table with most dead rows, where these are a fifth and many
SELECT relname::text AS name, n_dead_tup AS dead, n_live_tup AS live
FROM pg_stat_user_tables
WHERE schemaname = 'afterclick' AND n_dead_tup > 100000
	AND n_dead_tup > n_live_tup / 5
ORDER BY n_dead_tup DESC
LIMIT 1
