-- Ids ($1, hashed with the key whose fingerprint is $2) that are nobody's.
INSERT INTO suppression (entry, secret)
SELECT DISTINCT entry, $2::uuid FROM unnest($1::uuid[]) AS n (entry)
ORDER BY entry
ON CONFLICT (entry) DO NOTHING
