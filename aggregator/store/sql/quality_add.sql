-- What hits say of how they were tracked. $1 sites, $2 days, $3 to $20 the
-- counts in the table's order, $21 when the last hit was received, 1970: none.
INSERT INTO quality_daily AS q (site, day,
	duplicates, late_minutes, late_hours, late_days, late_older,
	clock_corrected, clock_mistrusted, clock_ahead, cookieless_daily,
	cookieless_none, ad_storage_granted, ad_storage_denied,
	analytics_storage_granted, analytics_storage_denied, ad_user_data_granted,
	ad_user_data_denied, ad_personalization_granted, ad_personalization_denied,
	last_received_at)
SELECT site, day,
	duplicates, late_minutes, late_hours, late_days, late_older,
	clock_corrected, clock_mistrusted, clock_ahead, cookieless_daily,
	cookieless_none, ad_storage_granted, ad_storage_denied,
	analytics_storage_granted, analytics_storage_denied, ad_user_data_granted,
	ad_user_data_denied, ad_personalization_granted, ad_personalization_denied,
	nullif(last_received_at, 'epoch')
FROM unnest($1::text[], $2::date[],
	$3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
	$8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
	$13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[],
	$18::bigint[], $19::bigint[], $20::bigint[],
	$21::timestamptz[]) AS n (site, day,
	duplicates, late_minutes, late_hours, late_days, late_older,
	clock_corrected, clock_mistrusted, clock_ahead, cookieless_daily,
	cookieless_none, ad_storage_granted, ad_storage_denied,
	analytics_storage_granted, analytics_storage_denied, ad_user_data_granted,
	ad_user_data_denied, ad_personalization_granted, ad_personalization_denied,
	last_received_at)
ORDER BY site, day
ON CONFLICT (site, day) DO UPDATE
SET last_received_at = greatest(q.last_received_at,
		excluded.last_received_at),
	duplicates = q.duplicates + excluded.duplicates,
	late_minutes = q.late_minutes + excluded.late_minutes,
	late_hours = q.late_hours + excluded.late_hours,
	late_days = q.late_days + excluded.late_days,
	late_older = q.late_older + excluded.late_older,
	clock_corrected = q.clock_corrected + excluded.clock_corrected,
	clock_mistrusted = q.clock_mistrusted + excluded.clock_mistrusted,
	clock_ahead = q.clock_ahead + excluded.clock_ahead,
	cookieless_daily = q.cookieless_daily + excluded.cookieless_daily,
	cookieless_none = q.cookieless_none + excluded.cookieless_none,
	ad_storage_granted = q.ad_storage_granted + excluded.ad_storage_granted,
	ad_storage_denied = q.ad_storage_denied + excluded.ad_storage_denied,
	analytics_storage_granted = q.analytics_storage_granted
		+ excluded.analytics_storage_granted,
	analytics_storage_denied = q.analytics_storage_denied
		+ excluded.analytics_storage_denied,
	ad_user_data_granted = q.ad_user_data_granted + excluded.ad_user_data_granted,
	ad_user_data_denied = q.ad_user_data_denied + excluded.ad_user_data_denied,
	ad_personalization_granted = q.ad_personalization_granted
		+ excluded.ad_personalization_granted,
	ad_personalization_denied = q.ad_personalization_denied
		+ excluded.ad_personalization_denied
