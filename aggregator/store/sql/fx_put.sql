-- currency rates; a newer import of a day wins, in a file its later line
-- The lock waits for those who attribute by the rates as they were, so that
-- fx_dirty sees what they wrote; see attribute_lock.
WITH lock AS MATERIALIZED (SELECT pg_advisory_xact_lock(7311542))
INSERT INTO fx_rate (day, base, currency, rate_micros)
SELECT DISTINCT ON (base, currency, day) day, base, currency, rate_micros
FROM fx_stage, lock
ORDER BY base, currency, day, place DESC
ON CONFLICT (base, currency, day) DO UPDATE
SET rate_micros = excluded.rate_micros, imported_at = now()
WHERE fx_rate.rate_micros <> excluded.rate_micros
