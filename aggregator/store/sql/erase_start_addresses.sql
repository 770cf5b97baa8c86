-- Conversions that name an address ($3, hashed) of a request ($1) on a site
-- ($2) beside a visitor, who is looked for: no handle tells of these.
INSERT INTO subject_event (request, site, event_id, follow)
SELECT n.request, c.site, c.event_id, bool_or(true)
FROM unnest($1::int[], $2::text[], $3::text[]) AS n (request, site, hash)
JOIN conversion c ON c.site = n.site AND (c.email_sha256 = n.hash
	OR c.email_google_sha256 = n.hash)
GROUP BY 1, 2, 3
ON CONFLICT DO NOTHING
