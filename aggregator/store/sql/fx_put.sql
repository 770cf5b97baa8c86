-- currency rates; a newer import of a day wins, in a file its later line
-- $1 days, $2 bases, $3 currencies, $4 rates in micros
-- The lock waits for those who attribute by the rates as they were, so that
-- fx_dirty sees what they wrote; see attribute_lock.
WITH lock AS MATERIALIZED (SELECT pg_advisory_xact_lock(7311542))
INSERT INTO fx_rate (day, base, currency, rate_micros)
SELECT DISTINCT ON (base, currency, day) day, base, currency, rate_micros
FROM unnest($1::date[], $2::text[], $3::text[], $4::bigint[])
	WITH ORDINALITY AS n (day, base, currency, rate_micros, place), lock
ORDER BY base, currency, day, place DESC
ON CONFLICT (base, currency, day) DO UPDATE
SET rate_micros = excluded.rate_micros, imported_at = now()
WHERE fx_rate.rate_micros <> excluded.rate_micros
