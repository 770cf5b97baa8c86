-- What is to be done. $1 digest of the rules, $2 first day or NULL.
INSERT INTO plan (rules, from_day, phase, customers_waiting)
SELECT $1::text, $2::date, 0, count(*) FROM afterclick.dirty
