-- Customers that were erased, after one; $2 at most.
SELECT customer FROM erased_customer
WHERE customer > $1::uuid
ORDER BY customer
LIMIT $2::bigint
