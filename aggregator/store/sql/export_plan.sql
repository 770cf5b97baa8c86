-- Conversions of site $1 from $2 to before $3 for platform $4, whose click ids
-- are $5: what is to be sent and why the others are not. $6 is the place of
-- the model whose share of the value is sent, NULL for the whole value. What
-- was sent and not answered since $7 is sent again, $8 whenever it was; $9
-- sends again what was rejected.
INSERT INTO export_plan (skip, kind, revision, transaction_id, event_id, goal,
	ts, value_micros, before_micros, click_id, click_ts, consent, page_url,
	user_agent, email_sha256, email_google_sha256, phone_sha256,
	phone_digits_sha256, customer, server)
SELECT CASE
		WHEN p.again THEN 0
		WHEN p.state = 'rejected' THEN 3
		WHEN p.state = 'sent' AND p.via = 'post' THEN 2
		WHEN p.state IS NOT NULL
			AND (p.kind = 'retract' OR p.value_micros = p.net) THEN 1
		WHEN p.state IS NULL AND p.held_out THEN 6
		WHEN p.state IS NULL AND p.refunded THEN 5
		WHEN p.state IS NULL AND $6::integer IS NOT NULL
			AND p.net = 0 THEN 4
		ELSE 0
	END,
	CASE
		WHEN p.again THEN array_position(
			ARRAY['conversion', 'restate', 'retract'], p.kind) - 1
		WHEN p.state IS NULL THEN 0
		WHEN p.net = 0 THEN 2
		ELSE 1
	END,
	CASE WHEN p.again THEN p.revision ELSE coalesce(p.revision + 1, 0) END,
	p.transaction_id, p.event_id, p.goal, p.ts,
	CASE WHEN p.again THEN p.value_micros ELSE p.net END,
	CASE WHEN p.again THEN p.before_micros
		ELSE coalesce(p.value_micros, 0) END,
	p.click_id, p.click_ts, p.consent, p.page_url, p.user_agent,
	p.email_sha256, p.email_google_sha256, p.phone_sha256,
	p.phone_digits_sha256, p.customer, p.lane IN ('server', 'import')
FROM (
	SELECT o.customer, o.event_id, c.goal, c.ts, c.consent, c.page_url,
		c.user_agent, c.email_sha256, c.email_google_sha256,
		c.phone_sha256, c.phone_digits_sha256, c.lane,
		coalesce(c.order_id, o.event_id) AS transaction_id,
		CASE WHEN $6 IS NULL THEN o.value_micros - o.refunded_micros
			ELSE coalesce(k.net, 0)::bigint END AS net,
		o.value_micros > 0 AND o.refunded_micros = o.value_micros
			AS refunded,
		k.click_id, k.click_ts,
		-- A platform that learnt from them would bid for the rest by
		-- what was bought without its ads.
		EXISTS (
			SELECT FROM exposure x
			JOIN experiment e ON e.site = x.site
				AND e.experiment = x.experiment
			WHERE x.site = o.site AND e.kind = 'holdout'
				AND e.configured AND x.variant = e.variants[1]
				AND x.ts <= c.ts
				AND (e.ends_at IS NULL OR c.ts < e.ends_at)
				AND x.visitor IN (SELECT o.customer
					UNION SELECT c.visitor
					UNION SELECT i.visitor FROM identity i
					WHERE i.user_key = o.customer)
		) AS held_out,
		r.state, r.via, r.kind, r.revision, r.value_micros,
		r.before_micros,
		coalesce((r.state = 'rejected' AND $9)
			OR (r.state = 'sent' AND r.via = 'post'
				AND ($8 OR r.sent_at > $7)), false) AS again
	FROM outcome o
	JOIN conversion c ON c.site = o.site AND c.event_id = o.event_id
	LEFT JOIN LATERAL (
		SELECT (array_agg(x.click_id ORDER BY x.ts DESC NULLS LAST,
				x.click_id))[1] AS click_id,
			(array_agg(x.ts ORDER BY x.ts DESC NULLS LAST,
				x.click_id))[1] AS click_ts,
			sum(x.net) AS net
		FROM (
			SELECT t.click_id, t.ts,
				a.value_micros[$6] - a.refund_micros[$6] AS net
			FROM credit a
			JOIN touch t ON t.event_id = a.touch_event_id
				AND t.visitor IN (SELECT o.customer
					UNION SELECT c.visitor
					UNION SELECT i.visitor FROM identity i
					WHERE i.user_key = o.customer)
			WHERE a.customer = o.customer AND a.site = o.site
				AND a.event_id = o.event_id
			UNION ALL
			SELECT c.click_id, NULL, 0
		) x
		WHERE split_part(x.click_id, '=', 1) = ANY ($5)
	) k ON true
	LEFT JOIN LATERAL (
		SELECT * FROM export_receipt e
		WHERE e.platform = $4 AND e.site = o.site AND e.goal = c.goal
			AND e.transaction_id = coalesce(c.order_id, o.event_id)
			AND e.state <> 'prepared'
		ORDER BY e.revision DESC LIMIT 1
	) r ON true
	WHERE o.site = $1 AND o.state = 0 AND c.ts >= $2 AND c.ts < $3
		-- The platform knows it by the id that is gone.
		AND order_is_hash(c.order_id) IS NOT TRUE
) p
ORDER BY p.ts, p.event_id
