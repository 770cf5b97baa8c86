-- Versions of trained models, and where they are pinned.
SELECT m.model, v.version, v.path_order AS "order", nullif(v.site, '') AS site,
	v.from_day, v.to_day, v.conversions, v.nulls,
	round(v.conversion_rate::numeric, 6) AS rate, v.trained_at,
	(SELECT string_agg(p.site || CASE WHEN p.from_day = '-infinity' THEN ''
			ELSE ' from ' || p.from_day END, ', '
			ORDER BY p.site, p.from_day)
		FROM model_pin p
		WHERE p.model_id = v.model_id AND p.version = v.version) AS pinned
FROM model_version v
JOIN model m USING (model_id)
ORDER BY m.model_id, v.version
