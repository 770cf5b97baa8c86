-- A site of the configuration.
INSERT INTO site (site, timezone, currency, margin_micros, lookback_ms)
VALUES ($1::text, $2::text, $3::text, $4::bigint, $5::bigint)
ON CONFLICT (site) DO UPDATE
SET timezone = excluded.timezone, currency = excluded.currency,
	margin_micros = excluded.margin_micros,
	lookback_ms = excluded.lookback_ms, updated_at = now()
WHERE (site.timezone, site.currency, site.margin_micros, site.lookback_ms)
	IS DISTINCT FROM (excluded.timezone, excluded.currency,
		excluded.margin_micros, excluded.lookback_ms)
