-- Conversions before are not computed anew; no row: all are.
SELECT kept_since, (kept_since AT TIME ZONE 'UTC')::date AS day
FROM retention_run WHERE what = 'frozen'
