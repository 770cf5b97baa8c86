-- what waits in the tables, and how settled the days are
-- $1 topic
SELECT (SELECT count(*) FROM dead_letter) AS dead_letters,
	(SELECT count(*) FROM waiting_conversions) AS conversions,
	(SELECT count(*) FROM waiting_costs) AS costs,
	(SELECT count(*) FROM waiting_refunds) AS refunds,
	(SELECT count(*) FROM dirty) AS dirty,
	(SELECT max(updated_at) FROM position WHERE topic = $1::text)
		AS committed_at,
	(SELECT min(watermark) FROM position WHERE topic = $1::text)
		AS watermark,
	(SELECT count(*) FROM day_status WHERE day_status = 'open'
		AND ends_at < now() - interval '2 hours') AS open_days,
	(SELECT min(day) FROM day_status WHERE day_status = 'open')
		AS first_open_day
