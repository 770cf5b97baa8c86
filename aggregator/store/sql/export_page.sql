-- The next rows of the plan.
SELECT n, skip, kind, revision, transaction_id, event_id, goal, ts,
	value_micros, before_micros, click_id, click_ts, consent, page_url,
	user_agent, email_sha256, email_google_sha256, phone_sha256,
	phone_digits_sha256, customer, server
FROM export_plan WHERE n > $1 ORDER BY n LIMIT $2
