-- Conversions of some customers: by their visitor, whose latest link decides,
-- and those without a visitor by the user they name.
-- $1 and $2 pair visitors with customers, $3 are the customers.
WITH own AS (
	SELECT v.customer, c.*
	FROM unnest($1::uuid[], $2::uuid[]) AS v (visitor, customer)
	JOIN conversion c ON c.visitor = v.visitor
	UNION ALL
	SELECT k.customer, c.*
	FROM unnest($3::uuid[]) AS k (customer)
	JOIN conversion c ON c.user_key = k.customer AND c.visitor IS NULL
)
SELECT o.customer, o.site, o.event_id, o.ts, o.lookback_ms, o.value_micros,
	o.currency, o.purchase, o.dedup_key IS NOT NULL AND EXISTS (
		SELECT FROM conversion b
		WHERE b.site = o.site AND b.dedup_key = o.dedup_key
			AND b.goal = o.goal AND b.event_id <> o.event_id
			AND (NOT b.verified, b.ts, b.event_id)
				< (NOT o.verified, o.ts, o.event_id)
	) AS duplicate, o.order_id, f.rate_micros, f.day
FROM own o
LEFT JOIN site s ON s.site = o.site
LEFT JOIN LATERAL (
	SELECT r.rate_micros, r.day FROM fx_rate r
	WHERE r.base = s.currency AND r.currency = o.currency
		AND r.day <= (o.ts AT TIME ZONE s.timezone)::date
		AND r.day > (o.ts AT TIME ZONE s.timezone)::date - 8
	ORDER BY r.day DESC LIMIT 1
) f ON o.currency <> s.currency
ORDER BY o.customer, o.ts, o.event_id
