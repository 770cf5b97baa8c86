-- What an arm says; $8 are numbers in decimal, empty: none.
INSERT INTO experiment_readout AS r (site, experiment, variant, revision,
	srm_chi2, srm_p, statistic, value)
SELECT $1::text, $2::text, $3::text, $4::bigint, $5::text::float8,
	$6::text::float8, $7::text[], (
		SELECT coalesce(array_agg(nullif(v, '')::float8 ORDER BY n), '{}')
		FROM unnest($8::text[]) WITH ORDINALITY AS u (v, n))
ON CONFLICT (site, experiment, variant) DO UPDATE
SET revision = excluded.revision, srm_chi2 = excluded.srm_chi2,
	srm_p = excluded.srm_p, statistic = excluded.statistic,
	value = excluded.value, computed_at = now()
