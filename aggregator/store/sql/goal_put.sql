-- The goals of the configuration. $1 sites, $2 goals
WITH gone AS (
	DELETE FROM site_goal g
	WHERE NOT EXISTS (
		SELECT FROM unnest($1::text[], $2::text[]) AS n (site, goal)
		WHERE n.site = g.site AND n.goal = g.goal)
)
INSERT INTO site_goal (site, goal)
SELECT DISTINCT site, goal FROM unnest($1::text[], $2::text[])
	AS n (site, goal)
ORDER BY site, goal
ON CONFLICT DO NOTHING
