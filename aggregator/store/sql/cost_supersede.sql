-- A campaign that was renamed, or whose id is now given, is the same one:
-- its old row goes to the history.
-- $1 platform, $2 site, $3 import, $4 whether names and ids are the
-- platform's own, so that source and medium need not agree
WITH gone AS (
	DELETE FROM cost
	WHERE ctid IN (
		SELECT c.ctid
		FROM cost c JOIN cost_stage n ON n.account = c.account
			AND n.day = c.day AND n.campaign_id = c.campaign_id
		WHERE c.platform = $1 AND c.site = $2 AND $4::boolean
			AND c.campaign_id <> ''
		UNION
		SELECT c.ctid
		FROM cost c JOIN cost_stage n ON n.account = c.account
			AND n.day = c.day AND n.name = c.name
		WHERE c.platform = $1 AND c.site = $2
			AND (c.campaign_id = '' OR n.campaign_id = '')
			AND ($4 OR (c.source, c.medium) = (n.source, n.medium))
	) AND NOT EXISTS (
		SELECT FROM cost_stage n
		WHERE n.account = cost.account AND n.day = cost.day
			AND n.source = cost.source AND n.medium = cost.medium
			AND n.name = cost.name
			AND n.campaign_id = cost.campaign_id
	)
	RETURNING *
)
INSERT INTO cost_history SELECT *, $3::bigint FROM gone
