-- Whom requests ($1) name: kind ($2) and key ($3).
INSERT INTO subject (request, kind, key)
SELECT DISTINCT request, CASE WHEN kind IN (6, 7) THEN 5 ELSE kind END, key
FROM unnest($1::int[], $2::int[], $3::uuid[]) AS n (request, kind, key)
ON CONFLICT DO NOTHING
