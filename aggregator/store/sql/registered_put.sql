-- The names that campaigns.yaml gives. $1 the names
WITH gone AS (
	DELETE FROM registered_campaign WHERE campaign <> ALL ($1::text[])
)
INSERT INTO registered_campaign
SELECT DISTINCT n FROM unnest($1::text[]) n ORDER BY n
ON CONFLICT DO NOTHING
