-- The rebuild that was begun; no row after PostgreSQL crashed under it.
SELECT rules, from_day, phase, customers_waiting FROM plan
