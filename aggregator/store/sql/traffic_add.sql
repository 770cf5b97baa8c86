-- Changes of visits and touches; the caller sorts, against deadlocks.
INSERT INTO traffic_daily (day, dim, visits, touches)
SELECT day, dim, visits, touches
FROM unnest($1::date[], $2::int[], $3::bigint[], $4::bigint[])
	AS n (day, dim, visits, touches)
ON CONFLICT (day, dim) DO UPDATE
SET visits = traffic_daily.visits + excluded.visits,
	touches = traffic_daily.touches + excluded.touches,
	revision = traffic_daily.revision + 1, updated_at = now()
