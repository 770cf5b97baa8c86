-- What some customers ($1) counted for before is taken back.
WITH old AS (
	DELETE FROM experiment_customer WHERE customer = ANY ($1::uuid[])
	RETURNING *
)
INSERT INTO experiment_cell AS c (site, experiment, variant, day, n, converted,
	sum_y, sum_y2, sum_x, sum_x2, sum_xy)
SELECT site, experiment, variant, day, -count(*), -count(*) FILTER (
		WHERE converted), -sum(y_micros), -sum(y_micros::numeric ^ 2),
	-sum(x_micros), -sum(x_micros::numeric ^ 2),
	-sum(x_micros::numeric * y_micros)
FROM old
GROUP BY site, experiment, variant, day
ON CONFLICT (site, experiment, variant, day) DO UPDATE
SET n = c.n + excluded.n, converted = c.converted + excluded.converted,
	sum_y = c.sum_y + excluded.sum_y, sum_y2 = c.sum_y2 + excluded.sum_y2,
	sum_x = c.sum_x + excluded.sum_x, sum_x2 = c.sum_x2 + excluded.sum_x2,
	sum_xy = c.sum_xy + excluded.sum_xy, revision = c.revision + 1,
	updated_at = now()
