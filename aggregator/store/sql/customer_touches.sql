-- Candidates for touches of some customers' visitors. $1 and $2 pair
-- visitors with customers.
SELECT v.customer, t.visitor, t.session, t.signature, t.ts, t.event_id,
	t.session_start, t.dim, t.tagged
FROM unnest($1::uuid[], $2::uuid[]) AS v (visitor, customer)
JOIN touch t ON t.visitor = v.visitor
ORDER BY v.customer, t.visitor, t.session
