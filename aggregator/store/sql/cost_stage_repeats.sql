-- take out rows that repeat the day and campaign of an earlier one
DELETE FROM cost_stage s
USING (
	SELECT line, first_value(line) OVER (
		PARTITION BY account, day, source, medium, name, campaign_id
		ORDER BY line) AS first
	FROM cost_stage
) d
WHERE s.line = d.line AND d.first < d.line
RETURNING s.line, d.first
