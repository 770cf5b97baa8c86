-- what must be refunded so that each order gets its adjusted value
-- $1 site. With F(t) the refunds of others up to t, a state after an
-- adjustment at t is min(value, every v + F so far) - F(t); refunds by these
-- very adjustments, from an earlier import, do not count.
WITH asked AS (
	SELECT DISTINCT ON (refund_id) * FROM adjust_stage
	ORDER BY refund_id, line
), found AS (
	SELECT a.*, c.value_micros AS order_micros, c.currency AS order_currency,
		c.ts AS order_ts, coalesce((
			SELECT sum(r.value_micros) FROM refund r
			WHERE r.site = $1 AND r.order_id IN (a.order_id,
				order_hash($1, a.order_id))
				AND r.ts <= a.ts
				AND r.currency = c.currency
				AND NOT EXISTS (SELECT FROM asked o
					WHERE o.refund_id = r.refund_id)
		), 0)::bigint AS refunded
	FROM asked a
	LEFT JOIN LATERAL (
		SELECT c.value_micros, c.currency, c.ts FROM conversion c
		WHERE c.site = $1 AND c.dedup_key IN (a.order_id,
			order_hash($1, a.order_id))
			AND c.order_id = c.dedup_key
		ORDER BY c.verified DESC, c.ts, c.event_id LIMIT 1
	) c ON true
), chained AS (
	SELECT f.*, greatest(least(order_micros, min(value_micros + refunded)
		OVER (PARTITION BY order_id ORDER BY ts, line
			ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
		- refunded, 0) AS before
	FROM found f
)
SELECT line, refund_id, order_id, ts, order_micros IS NOT NULL AS known,
	ts < order_ts AS too_early,
	currency <> '' AND currency <> order_currency AS other_currency,
	order_currency, before, value_micros, before - value_micros AS refund
FROM chained
ORDER BY ts, line
