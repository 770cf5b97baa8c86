-- What some customers count for: their first exposure decides the arm, two
-- arms none; conversions after it count, those before are the covariate. $1
-- and $2 pair visitors with customers. OFFSET 0: the plan is kept, and one made
-- while tables were small would scan them.
WITH seen AS (
	SELECT p.customer, x.*, min(x.variant) OVER w <> max(x.variant) OVER w
		AS torn
	FROM unnest($1::uuid[], $2::uuid[]) AS p (visitor, customer)
	CROSS JOIN LATERAL (
		SELECT * FROM exposure x WHERE x.visitor = p.visitor OFFSET 0
	) x
	JOIN experiment e USING (site, experiment)
	WHERE (e.starts_at IS NULL OR x.ts >= e.starts_at)
		AND (e.ends_at IS NULL OR x.ts < e.ends_at)
	WINDOW w AS (PARTITION BY p.customer, x.site, x.experiment)
), first AS (
	SELECT DISTINCT ON (customer, site, experiment) customer, site,
		experiment, CASE WHEN torn THEN '' ELSE variant END AS variant,
		ts
	FROM seen
	ORDER BY customer, site, experiment, ts, event_id
), sale AS (
	SELECT f.customer, f.site, f.experiment, c.ts >= f.ts AS after,
		o.value_micros - o.refunded_micros AS net
	FROM first f
	JOIN experiment e USING (site, experiment)
	CROSS JOIN LATERAL (
		SELECT * FROM outcome o
		WHERE o.customer = f.customer AND o.site = f.site
			AND o.state = 0
		OFFSET 0
	) o
	CROSS JOIN LATERAL (
		SELECT c.ts FROM conversion c
		WHERE c.site = o.site AND c.event_id = o.event_id
			AND c.goal = e.goal
		OFFSET 0
	) c
	WHERE CASE WHEN c.ts >= f.ts
		THEN (e.ends_at IS NULL OR c.ts < e.ends_at)
			AND (e."window" IS NULL OR c.ts < f.ts + e."window")
		ELSE c.ts >= f.ts - e.cuped_window END
), total AS (
	SELECT customer, site, experiment, bool_or(after) AS converted,
		sum(net) FILTER (WHERE after) AS y,
		sum(net) FILTER (WHERE NOT after) AS x
	FROM sale
	GROUP BY 1, 2, 3
), new AS (
	INSERT INTO experiment_customer (customer, site, experiment, variant,
		day, converted, y_micros, x_micros)
	SELECT f.customer, f.site, f.experiment, f.variant,
		(f.ts AT TIME ZONE s.timezone)::date,
		coalesce(t.converted, false),
		least(coalesce(t.y, 0), e.revenue_cap_micros),
		least(coalesce(t.x, 0), e.revenue_cap_micros)
	FROM first f
	JOIN experiment e USING (site, experiment)
	JOIN site s USING (site)
	LEFT JOIN total t USING (customer, site, experiment)
	RETURNING *
)
INSERT INTO experiment_cell AS c (site, experiment, variant, day, n, converted,
	sum_y, sum_y2, sum_x, sum_x2, sum_xy)
SELECT site, experiment, variant, day, count(*), count(*) FILTER (
		WHERE converted), sum(y_micros), sum(y_micros::numeric ^ 2),
	sum(x_micros), sum(x_micros::numeric ^ 2),
	sum(x_micros::numeric * y_micros)
FROM new
GROUP BY site, experiment, variant, day
ON CONFLICT (site, experiment, variant, day) DO UPDATE
SET n = c.n + excluded.n, converted = c.converted + excluded.converted,
	sum_y = c.sum_y + excluded.sum_y, sum_y2 = c.sum_y2 + excluded.sum_y2,
	sum_x = c.sum_x + excluded.sum_x, sum_x2 = c.sum_x2 + excluded.sum_x2,
	sum_xy = c.sum_xy + excluded.sum_xy, revision = c.revision + 1,
	updated_at = now()
