-- what of the tracking used to work and does not
-- $1 site or NULL
SELECT site, finding, subject, since, events, evidence
FROM tag_health
WHERE $1::text IS NULL OR site = $1
ORDER BY site, finding, events DESC, subject
