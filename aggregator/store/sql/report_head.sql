-- what a report says above its numbers
-- $1 site or NULL
SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS made,
	count(*) AS sites, min(currency) AS currency,
	count(DISTINCT currency) AS currencies
FROM site
WHERE $1::text IS NULL OR site = $1
