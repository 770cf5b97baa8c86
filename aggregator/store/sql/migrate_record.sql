-- record that a migration was applied
INSERT INTO schema_version (version, name, checksum, program)
VALUES ($1, $2, $3, $4);
