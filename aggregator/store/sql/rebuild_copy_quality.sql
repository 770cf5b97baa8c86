-- gather what is read again
COPY in_quality (site, day,
	duplicates, late_minutes, late_hours, late_days, late_older,
	clock_corrected, clock_mistrusted, clock_ahead, cookieless_daily,
	cookieless_none, ad_storage_granted, ad_storage_denied,
	analytics_storage_granted, analytics_storage_denied, ad_user_data_granted,
	ad_user_data_denied, ad_personalization_granted, ad_personalization_denied,
	last_received_at) FROM STDIN (FORMAT binary)
