-- One export of a site to a platform at a time; held by the session.
SELECT pg_try_advisory_lock(hashtextextended('afterclick export ' || $1 || ' '
	|| $2, 0))
