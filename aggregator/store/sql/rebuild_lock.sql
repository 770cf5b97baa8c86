-- One rebuild at a time; the lock ends with the session.
SELECT pg_try_advisory_lock(7311545)
