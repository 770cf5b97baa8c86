-- What the aggregator does, by PostgreSQL alone: records copied raw, then
-- visits, touches, orders and six models in SQL, by conversion's and touch's
-- day. Run by postgres_only.py, which times it.
SET work_mem = '256MB';
SET jit = off;
CREATE TABLE raw (record jsonb);
\copy raw FROM pstdin (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
CREATE TABLE hit AS
SELECT record->>'visitor_id' AS visitor, record->>'session_id' AS session,
	record->>'event_id' AS event_id, record->>'type' AS type,
	(record->>'received_at')::bigint AS ts,
	substring(record->>'url' FROM 'utm_source=([^&]*)') AS utm_source,
	substring(record->>'url' FROM 'utm_medium=([^&]*)') AS utm_medium,
	substring(record->>'url' FROM 'utm_campaign=([^&]*)') AS campaign,
	substring(record->>'referrer' FROM '://(?:www\.)?([^/]*)') AS referrer,
	record->>'order_id' AS order_id,
	(record->>'value')::numeric AS value
FROM raw;
CREATE TABLE candidate AS
SELECT visitor, session, source, medium, campaign, min(ts) AS ts
FROM (
	SELECT *, coalesce(utm_source, referrer) AS source,
		coalesce(utm_medium, CASE WHEN referrer IS NOT NULL
			THEN 'referral' END) AS medium
	FROM hit
) h
GROUP BY visitor, session, source, medium, campaign;
CREATE TABLE touch AS
SELECT visitor, session, source, medium, campaign, ts, source IS NULL AS direct
FROM (
	SELECT *, ts = min(ts) OVER (PARTITION BY visitor, session) AS first
	FROM candidate
) c
WHERE source IS NOT NULL OR first;
CREATE INDEX ON touch (visitor, ts);
ANALYZE touch;
CREATE TABLE credit AS
WITH conversion AS (
	SELECT DISTINCT ON (order_id) order_id, visitor, ts, value
	FROM hit WHERE type = 'conversion' ORDER BY order_id, ts, event_id
), path AS (
	SELECT c.order_id, c.value, c.ts AS ended, t.ts, t.source, t.medium,
		t.campaign, t.direct, row_number() OVER w AS i,
		count(*) OVER o AS n,
		row_number() OVER (PARTITION BY c.order_id
			ORDER BY t.direct, t.ts DESC) AS last_rank,
		power(2::float8, -(c.ts - t.ts) / 604800000.0) AS decay
	FROM conversion c
	JOIN touch t ON t.visitor = c.visitor
		AND t.ts BETWEEN c.ts - 2592000000 AND c.ts
	WINDOW w AS (PARTITION BY c.order_id ORDER BY t.ts),
		o AS (PARTITION BY c.order_id)
)
SELECT order_id, value, ended, ts, source, medium, campaign,
	ARRAY[(i = 1)::int, (i = n)::int, (last_rank = 1)::int, 1.0 / n,
	decay / sum(decay) OVER (PARTITION BY order_id),
	CASE WHEN n = 1 THEN 1 WHEN n = 2 THEN 0.5
	WHEN i IN (1, n) THEN 0.4 ELSE 0.2 / (n - 2) END]::float8[] AS share
FROM path;
CREATE TABLE daily AS
SELECT day, basis, m.model, source, medium, campaign,
	sum(m.share) AS conversions, sum(m.share * value) AS value
FROM credit
CROSS JOIN LATERAL (VALUES (0, ended), (1, ts)) b (basis, at)
CROSS JOIN LATERAL (SELECT to_timestamp(at / 1000.0)::date AS day) d
CROSS JOIN LATERAL unnest(share) WITH ORDINALITY AS m (share, model)
GROUP BY 1, 2, 3, 4, 5, 6;
CREATE TABLE traffic AS
SELECT to_timestamp(ts / 1000.0)::date AS day, source, medium, campaign,
	count(*) AS touches
FROM touch GROUP BY 1, 2, 3, 4;
