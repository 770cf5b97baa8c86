-- one migration at a time; the lock ends with the session if not before
SELECT pg_advisory_lock(4720921534168391013);
