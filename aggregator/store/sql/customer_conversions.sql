-- Conversions of some customers: by their visitor, whose latest link decides,
-- and those without a visitor by what they name (see conversion_candidate);
-- among the latter also some that turn out to be another customer's, and
-- whether that one has them already. $1 and $2 pair visitors with customers,
-- $3 are the customers.
WITH named AS (
	SELECT c.site, c.event_id
	FROM unnest($3::uuid[]) AS k (customer)
	JOIN conversion c ON c.user_key = k.customer AND c.visitor IS NULL
	UNION
	SELECT c.site, c.event_id
	FROM (
		SELECT h.handle
		FROM unnest($1::uuid[]) AS v (visitor)
		JOIN handle h ON h.visitor = v.visitor
		WHERE h.wanted
		UNION
		SELECT h.handle
		FROM unnest($3::uuid[]) AS k (customer)
		JOIN handle h ON h.user_key = k.customer
		WHERE h.wanted
		UNION
		SELECT h.handle
		FROM unnest($3::uuid[]) AS k (customer)
		JOIN handle h ON h.handle = k.customer
	) h
	CROSS JOIN LATERAL (
		SELECT site, event_id FROM conversion
			WHERE click_key = h.handle
		UNION ALL SELECT site, event_id FROM conversion
			WHERE email_key = h.handle
		UNION ALL SELECT site, event_id FROM conversion
			WHERE phone_key = h.handle
	) c
), own AS (
	SELECT v.customer, c.*, c.ts AS at
	FROM unnest($1::uuid[], $2::uuid[]) AS v (visitor, customer)
	JOIN conversion c ON c.visitor = v.visitor
	UNION ALL
	-- A clock of its own may be ahead of ours: up to five minutes before
	-- its click a conversion counts as at the click.
	SELECT k.customer, c.*, CASE WHEN h.visitor_ts > c.ts AND
		h.visitor_ts <= c.ts + interval '5 minutes'
		THEN h.visitor_ts ELSE c.ts END
	FROM named n
	JOIN conversion c USING (site, event_id)
	CROSS JOIN LATERAL (
		SELECT k.customer FROM conversion_candidate k
		WHERE k.site = n.site AND k.event_id = n.event_id
		ORDER BY k.rank LIMIT 1
	) k
	LEFT JOIN handle h ON h.handle = c.click_key
)
SELECT o.customer, o.site, o.event_id, o.at, o.lookback_ms, o.value_micros,
	o.currency, o.purchase, o.dedup_key IS NOT NULL AND EXISTS (
		SELECT FROM conversion b
		WHERE b.site = o.site AND b.dedup_key = o.dedup_key
			AND b.goal = o.goal AND b.event_id <> o.event_id
			AND ((NOT b.verified, b.ts, b.event_id)
				< (NOT o.verified, o.ts, o.event_id)
			OR EXISTS (SELECT FROM erased_customer e
				WHERE e.customer = b.visitor))
	) AS duplicate, o.order_id, f.rate_micros, f.day, o.goal,
	o.visitor IS NULL AND EXISTS (
		SELECT FROM outcome h
		WHERE h.customer = o.customer AND h.site = o.site
			AND h.event_id = o.event_id
	) AS held
FROM own o
LEFT JOIN site s ON s.site = o.site
LEFT JOIN LATERAL (
	SELECT r.rate_micros, r.day FROM fx_rate r
	WHERE r.base = s.currency AND r.currency = o.currency
		AND r.day <= (o.at AT TIME ZONE s.timezone)::date
		AND r.day > (o.at AT TIME ZONE s.timezone)::date - 8
	ORDER BY r.day DESC LIMIT 1
) f ON o.currency <> s.currency
ORDER BY o.customer, o.at, o.event_id
