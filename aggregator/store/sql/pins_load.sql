-- What the pinned versions of trained models learnt; the channels are
-- numbered from 0 in the order of their names.
SELECT p.site, p.model_id, p.from_day, w.channel, w.weight,
	dense_rank() OVER (ORDER BY w.channel) - 1 AS number
FROM model_pin p
JOIN model_weight w USING (model_id, version)
ORDER BY p.site, p.model_id, p.from_day, w.channel
