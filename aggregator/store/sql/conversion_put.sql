-- Of two conversions with one event id the earlier one stays.
INSERT INTO conversion (site, event_id, goal, ts, visitor, user_key, order_id,
	dedup_key, value_micros, currency, verified, lane, purchase,
	lookback_ms, click_id, email_sha256, phone_sha256,
	email_google_sha256, phone_digits_sha256, consent, page_url, user_agent,
	click_key, email_key, phone_key)
SELECT site, event_id, goal, ts,
	nullif(visitor, '00000000-0000-0000-0000-000000000000'),
	nullif(user_key, '00000000-0000-0000-0000-000000000000'),
	nullif(order_id, ''),
	nullif(dedup_key, ''), value_micros, currency, verified, lane,
	purchase, lookback_ms, nullif(click_id, ''), nullif(email_sha256, ''),
	nullif(phone_sha256, ''), nullif(email_google_sha256, ''),
	nullif(phone_digits_sha256, ''), nullif(consent, ''),
	nullif(page_url, ''), nullif(user_agent, ''),
	nullif(click_key, '00000000-0000-0000-0000-000000000000'),
	nullif(email_key, '00000000-0000-0000-0000-000000000000'),
	nullif(phone_key, '00000000-0000-0000-0000-000000000000')
FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[],
	$5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::bigint[],
	$10::text[], $11::bool[], $12::text[], $13::bool[], $14::bigint[],
	$15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
	$20::text[], $21::text[], $22::text[], $23::uuid[], $24::uuid[],
	$25::uuid[])
	AS n (site, event_id, goal, ts, visitor, user_key, order_id,
	dedup_key, value_micros, currency, verified, lane, purchase,
	lookback_ms, click_id, email_sha256, phone_sha256, email_google_sha256,
	phone_digits_sha256, consent, page_url, user_agent,
	click_key, email_key, phone_key)
ORDER BY site, event_id
ON CONFLICT (site, event_id) DO UPDATE
SET goal = excluded.goal, ts = excluded.ts, visitor = excluded.visitor,
	user_key = excluded.user_key, order_id = excluded.order_id,
	dedup_key = excluded.dedup_key, value_micros = excluded.value_micros,
	currency = excluded.currency, verified = excluded.verified,
	lane = excluded.lane, purchase = excluded.purchase,
	lookback_ms = excluded.lookback_ms, click_id = excluded.click_id,
	email_sha256 = excluded.email_sha256,
	phone_sha256 = excluded.phone_sha256,
	email_google_sha256 = excluded.email_google_sha256,
	phone_digits_sha256 = excluded.phone_digits_sha256,
	consent = excluded.consent, page_url = excluded.page_url,
	user_agent = excluded.user_agent,
	click_key = excluded.click_key, email_key = excluded.email_key,
	phone_key = excluded.phone_key
WHERE excluded.ts < conversion.ts
