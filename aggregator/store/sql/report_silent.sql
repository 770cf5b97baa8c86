-- What of the tracking used to work and does not, as of now.
-- $1 site or NULL, $2 rows at most, NULL for all
SELECT finding, subject, site, since::text AS since, evidence
FROM tag_health
WHERE $1::text IS NULL OR site = $1
ORDER BY finding DESC, tag_health.since DESC, subject, site
LIMIT $2::bigint
