-- value costs anew that a changed rate may concern
-- $1 first day, $2 last day of the rates
UPDATE cost c
SET cost_micros = round(c.amount_micros * 0.000001 * f.rate_micros)::bigint,
	rate_micros = f.rate_micros, rate_day = f.rate_day
FROM site s, LATERAL (
	SELECT d.site, d.day, d.currency, r.rate_micros, r.day AS rate_day
	FROM (SELECT DISTINCT site, day, currency FROM cost
		WHERE day BETWEEN $1::date AND $2::date + 7) d
	CROSS JOIN LATERAL (
		SELECT r.rate_micros, r.day FROM fx_rate r
		WHERE r.base = s.currency AND r.currency = d.currency
			AND r.day <= d.day AND r.day > d.day - 8
		ORDER BY r.day DESC LIMIT 1
	) r
	WHERE d.site = s.site
) f
WHERE s.site = c.site AND f.site = c.site AND f.day = c.day
	AND f.currency = c.currency AND c.currency <> s.currency
	AND (c.rate_micros, c.rate_day)
		IS DISTINCT FROM (f.rate_micros, f.rate_day)
