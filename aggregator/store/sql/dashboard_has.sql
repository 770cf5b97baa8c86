-- Whether there is a view $1 that this role may read.
SELECT coalesce(has_table_privilege(to_regclass('afterclick.' || $1),
	'SELECT'), false)
