-- What the last two weeks of a time say about tracking, and what differs from
-- the weeks before in the last of them. $1 from, $2 to, $3 site
SELECT jsonb_build_object(
	'rows', (SELECT coalesce(jsonb_agg(to_jsonb(q) ORDER BY day DESC), '[]')
		FROM (
			SELECT day, hits, people, bots, refused, duplicates,
				late_hours + late_days + late_older AS late,
				round(analytics_storage_granted::numeric
					/ nullif(people, 0), 6) AS consent_share,
				cookieless_share, conversions, unattributed_share,
				tracking_rate, order_coverage, bot_cost
			FROM data_quality_daily
			WHERE site = $3 AND day BETWEEN
				greatest($1::date, $2::date - 13) AND $2) q),
	'marks', (SELECT coalesce(jsonb_agg(jsonb_build_object('day', day,
		'measure', measure, 'mark', mark, 'value', value,
		'median', median, 'weeks', weeks)
		ORDER BY day DESC, abs(score) DESC, measure), '[]')
		FROM (SELECT * FROM data_quality_marks
			WHERE site = $3 AND day BETWEEN
				greatest($1::date, $2::date - 6) AND $2
			LIMIT 200) m))::text AS json
