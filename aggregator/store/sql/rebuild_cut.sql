-- Where the first day that is rebuilt begins on each site.
-- $1 the day, $2 configured sites, $3 when it begins there.
INSERT INTO cut (site, at)
SELECT * FROM unnest($2::text[], $3::timestamptz[])
UNION ALL
SELECT site, $1::date::timestamp AT TIME ZONE timezone
FROM site WHERE site <> ALL ($2::text[])
