-- Experiments ($1 sites, $2 names) that are no longer configured; what they
-- said stays.
UPDATE experiment e SET configured = false, updated_at = now()
WHERE e.configured AND NOT EXISTS (
	SELECT FROM unnest($1::text[], $2::text[]) AS n (site, experiment)
	WHERE n.site = e.site AND n.experiment = e.experiment)
