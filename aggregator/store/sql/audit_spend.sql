-- rows of spend_audit for a report
-- $1 first day or NULL, $2 last day or NULL, $3 site or NULL, $4 whether
-- rows without a finding too
SELECT site, day, source, medium, campaign, cost, clicks, touches,
	tracking_rate, click_ids, expired_click_ids, findings, likely_alias,
	similarity
FROM spend_audit
WHERE ($1::date IS NULL OR day >= $1) AND ($2::date IS NULL OR day <= $2)
	AND ($3::text IS NULL OR site = $3) AND ($4::boolean OR findings <> '')
ORDER BY site, day, cost DESC NULLS FIRST, source, medium, campaign
