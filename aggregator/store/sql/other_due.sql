-- Whether a day has, or had, more campaigns than are shown. $1 day, $2 how
-- many are.
SELECT EXISTS (SELECT FROM daily_other WHERE day = $1::date)
	OR (SELECT count(*) FROM traffic_daily WHERE day = $1::date)
	+ (SELECT count(DISTINCT dim) FROM campaign_daily WHERE day = $1::date)
	> $2::bigint
