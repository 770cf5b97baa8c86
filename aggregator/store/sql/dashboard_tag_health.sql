-- What of a site's tracking used to work and does not, at most 50 findings.
-- $1 site
SELECT jsonb_build_object('rows', coalesce(jsonb_agg(jsonb_build_object(
	'finding', finding, 'subject', subject, 'since', since,
	'evidence', evidence) ORDER BY finding DESC, since DESC, subject), '[]')
	)::text AS json
FROM (SELECT * FROM tag_health WHERE site = $1
	ORDER BY finding DESC, since DESC, subject LIMIT 50) h
