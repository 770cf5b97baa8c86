-- A session of the dashboard: it reads, and not for long. $1 milliseconds
SELECT set_config('default_transaction_read_only', 'on', false),
	set_config('statement_timeout', $1::bigint::text, false),
	set_config('lock_timeout', $1::bigint::text, false),
	set_config('random_page_cost', '1.1', false)
