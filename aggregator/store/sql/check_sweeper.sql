-- One aggregator looks at all days in turn; the lock ends with the session.
SELECT pg_try_advisory_lock(7311546)
