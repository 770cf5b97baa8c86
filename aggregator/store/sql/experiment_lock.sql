-- One writer of experiment_cell at a time, at the end of its transaction; no
-- row where none of the visitors ($1) and customers ($2) is in an experiment.
-- OFFSET 0: see experiment_put.
SELECT pg_advisory_xact_lock(7311547)
WHERE EXISTS (
	SELECT FROM unnest($1::uuid[]) AS v (visitor)
	CROSS JOIN LATERAL (
		SELECT FROM exposure x WHERE x.visitor = v.visitor OFFSET 0
	) x
) OR EXISTS (
	SELECT FROM unnest($2::uuid[]) AS c (customer)
	CROSS JOIN LATERAL (
		SELECT FROM experiment_customer e
		WHERE e.customer = c.customer OFFSET 0
	) e
)
