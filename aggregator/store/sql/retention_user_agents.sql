-- User agents and pages of conversions. $1 kept since, $2 at most
UPDATE conversion SET user_agent = NULL, page_url = NULL
WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM conversion
	WHERE ts < $1::timestamptz
		AND coalesce(user_agent, page_url) IS NOT NULL
	LIMIT $2::bigint))
