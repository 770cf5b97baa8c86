-- What a job did. $1 what, $2 kept since, $3 rows
INSERT INTO retention_run AS r (what, kept_since, removed)
VALUES ($1::text, $2::timestamptz, $3::bigint)
ON CONFLICT (what) DO UPDATE
SET kept_since = greatest(r.kept_since, excluded.kept_since),
	removed = r.removed + excluded.removed, last_run = now()
