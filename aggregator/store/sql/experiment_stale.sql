-- The sums of all experiments where one changed since they were computed.
SELECT a.site, a.experiment, a.variant, a.weight_micros,
	a.customers::float8, a.converted::float8, a.sum_y::float8 / 1e6,
	a.sum_y2::float8 / 1e12, a.sum_x::float8 / 1e6, a.sum_x2::float8 / 1e12,
	a.sum_xy::float8 / 1e12, t.revision
FROM experiment_arms a
JOIN (
	SELECT site, experiment, sum(revision)::bigint AS revision
	FROM experiment_arms
	GROUP BY 1, 2
) t USING (site, experiment)
WHERE NOT EXISTS (
	SELECT FROM experiment_readout r
	WHERE r.site = a.site AND r.experiment = a.experiment
		AND r.variant = a.variant AND r.revision = t.revision)
ORDER BY a.site, a.experiment, a.number
