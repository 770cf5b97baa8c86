-- What the experiments say, at most 500 rows.
SELECT jsonb_build_object('rows', coalesce(jsonb_agg(to_jsonb(e)), '[]'))::text
	AS json
FROM (SELECT * FROM experiment_results WHERE site = $1 LIMIT 500) e
