-- Where the rebuilt tables say something else. A campaign whose channel
-- changed has a row of its own, without a day.
-- $1 how many at most, NULL all
SELECT d.site, x.day, CASE x.basis WHEN 0 THEN 'conversion' ELSE 'touch' END
		AS date_basis, m.model, d.source, d.medium, d.campaign,
	'credits' AS what,
	(x.old_conversions * 0.000001)::numeric(38,6) AS old,
	(x.new_conversions * 0.000001)::numeric(38,6) AS new,
	((x.old_value - x.old_refund) * 0.000001)::numeric(38,6)
		AS old_net_revenue,
	((x.new_value - x.new_refund) * 0.000001)::numeric(38,6)
		AS new_net_revenue
FROM difference x
JOIN dimension d USING (dim)
JOIN model m USING (model_id)
UNION ALL
SELECT d.site, day, NULL, NULL, d.source, d.medium, d.campaign, w.what,
	w.old, w.new, NULL, NULL
FROM old_traffic o
FULL JOIN traffic_daily n USING (day, dim)
JOIN dimension d USING (dim)
CROSS JOIN LATERAL (VALUES
	('visits', coalesce(o.visits, 0), coalesce(n.visits, 0)),
	('touches', coalesce(o.touches, 0), coalesce(n.touches, 0))
) w (what, old, new)
WHERE w.old <> w.new
UNION ALL
SELECT d.site, NULL, NULL, NULL, d.source, d.medium, d.campaign,
	'channel ' || d.channel || ' -> ' || c.channel, NULL, NULL, NULL, NULL
FROM channel c
JOIN dimension d USING (dim)
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
LIMIT $1::bigint
