-- How far the numbers can be trusted. $1 from, $2 to, $3 site
-- The counts end at 1001: more is many.
SELECT jsonb_build_object(
	'waiting_conversions', (SELECT count(*) FROM (
		SELECT FROM waiting_conversions
		WHERE site = $3 AND day BETWEEN $1 AND $2 LIMIT 1001) w),
	'waiting_costs', (SELECT count(*) FROM (
		SELECT FROM waiting_costs
		WHERE site = $3 AND day BETWEEN $1 AND $2 LIMIT 1001) w),
	'waiting_refunds', (SELECT count(*) FROM (
		SELECT FROM waiting_refunds
		WHERE site = $3 AND refund_time >= $1::date - 1
			AND refund_time < $2::date + 2 LIMIT 1001) w),
	'dead_letters', (SELECT coalesce(jsonb_agg(jsonb_build_array(reason,
		count) ORDER BY count DESC, reason), '[]') FROM (
		SELECT left(reason, 200) AS reason, count(*)
		FROM (SELECT reason FROM dead_letters
			WHERE set_aside_at >= $1::date - 1
				AND set_aside_at < $2::date + 2
			ORDER BY set_aside_at DESC LIMIT 10000) l
		GROUP BY 1 ORDER BY 2 DESC LIMIT 10) d),
	'watch', (SELECT to_jsonb(w) - 'site' FROM site_watch w WHERE site = $3),
	'restated', (SELECT count(*) FROM (
		SELECT FROM restatements
		WHERE site = $3 AND restated_on BETWEEN $1 AND $2
		LIMIT 1001) r))::text AS json
