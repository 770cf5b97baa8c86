-- Some customers that nobody else is at. They are marked again if anything
-- of theirs changes from now on. What erased ones count for stays as it is.
DELETE FROM dirty WHERE customer IN (
	SELECT customer FROM dirty
	ORDER BY customer
	LIMIT $1::bigint
	FOR UPDATE SKIP LOCKED)
RETURNING customer, EXISTS (SELECT FROM erased_customer e
	WHERE e.customer = dirty.customer)
