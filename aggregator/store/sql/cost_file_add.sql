-- remember a file; it is rolled back with its import
-- $1 site, $2 platform, $3 digest, $4 name
INSERT INTO cost_file (site, platform, digest, file) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
