-- Two versions of a model side by side.
-- $1 model_id, $2 and $3 versions.
SELECT coalesce(a.channel, b.channel) AS channel,
	round(a.weight::numeric, 6) AS weight, round(b.weight::numeric, 6) AS other,
	round(a.share::numeric, 6) AS share,
	round(b.share::numeric, 6) AS other_share,
	round((coalesce(b.share, 0) - coalesce(a.share, 0))::numeric, 6) AS change
FROM (SELECT w.* FROM model_weights w JOIN model m USING (model)
	WHERE m.model_id = $1::int AND w.version = $2::int) a
FULL JOIN (SELECT w.* FROM model_weights w JOIN model m USING (model)
	WHERE m.model_id = $1::int AND w.version = $3::int) b USING (channel)
ORDER BY coalesce(b.share, 0) DESC, channel
