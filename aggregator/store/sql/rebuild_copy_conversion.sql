-- gather what is read again
COPY in_conversion (site, event_id, goal, ts, visitor, user_key, order_id, dedup_key, value_micros, currency, verified, lane, purchase, lookback_ms, click_id, email_sha256, phone_sha256, email_google_sha256, phone_digits_sha256, consent, page_url, user_agent, click_key, email_key, phone_key) FROM STDIN (FORMAT binary)
