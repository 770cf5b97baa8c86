-- Some customers that nobody else is at. They are marked again if anything
-- of theirs changes from now on.
DELETE FROM dirty WHERE customer IN (
	SELECT customer FROM dirty
	ORDER BY customer
	LIMIT $1::bigint
	FOR UPDATE SKIP LOCKED)
RETURNING customer
