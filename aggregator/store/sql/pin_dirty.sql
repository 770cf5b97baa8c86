-- Customers with conversions from some day on of some sites, which a pin
-- credits anew. $1 site or NULL, $2 first day; NULL: today; $3 all days.
INSERT INTO dirty (customer)
SELECT DISTINCT o.customer
FROM outcome o JOIN site s USING (site)
WHERE ($1::text IS NULL OR s.site = $1) AND ($3::boolean AND $2::date IS NULL
	OR o.day >= coalesce($2::date, (now() AT TIME ZONE s.timezone)::date))
ORDER BY o.customer
-- A mark that is there already is locked, not passed over: see fx_dirty.
ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer WHERE false
