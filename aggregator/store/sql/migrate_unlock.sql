-- let the next one migrate
SELECT pg_advisory_unlock(4720921534168391013);
