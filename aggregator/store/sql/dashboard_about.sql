-- What the dashboard's page needs before it can ask: sites, models, how far
-- the tables are.
SELECT jsonb_build_object(
	'sites', (SELECT coalesce(jsonb_agg(jsonb_build_object('site', site,
		'currency', currency, 'timezone', timezone,
		'today', (now() AT TIME ZONE timezone)::date) ORDER BY site), '[]')
		FROM (SELECT * FROM sites ORDER BY site LIMIT 1000) s),
	'models', (SELECT coalesce(jsonb_agg(jsonb_build_object('model', model,
		'summary', summary, 'trained', trained) ORDER BY model_id), '[]')
		FROM attribution_models),
	'read_until', f.read_until, 'last_commit', f.last_commit,
	'partitions', f.partitions, 'now', now())::text AS json
FROM freshness f
