-- Marks that came for a visitor before its link did, and conversions ($2) that
-- belong to another by now: passed on by who attributes the customers $1.
INSERT INTO dirty (customer)
SELECT f.customer
FROM (
	SELECT i.user_key AS customer
	FROM unnest($1::uuid[]) AS k (visitor)
	JOIN identity i USING (visitor)
	UNION
	SELECT customer FROM unnest($2::uuid[]) AS n (customer)
) f
WHERE f.customer <> ALL ($1::uuid[])
ORDER BY 1
ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer WHERE false
