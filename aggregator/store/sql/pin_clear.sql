-- Takes back pins. $1 model_id, $2 site or NULL, $3 first day; NULL: today;
-- $4 all days.
DELETE FROM model_pin p USING site s
WHERE s.site = p.site AND p.model_id = $1::int
	AND ($2::text IS NULL OR s.site = $2)
	AND ($4::boolean AND $3::date IS NULL
		OR p.from_day >= coalesce($3::date,
			(now() AT TIME ZONE s.timezone)::date))
