-- create the schema and the record of migrations
CREATE SCHEMA IF NOT EXISTS afterclick;
COMMENT ON SCHEMA afterclick IS 'Conversions and the return on campaigns';
CREATE TABLE IF NOT EXISTS afterclick.schema_version (
	version integer PRIMARY KEY,
	name text NOT NULL,
	checksum text NOT NULL,
	program text NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE afterclick.schema_version IS 'Migrations that were applied';
COMMENT ON COLUMN afterclick.schema_version.version IS 'Number of the migration, from 1';
COMMENT ON COLUMN afterclick.schema_version.name IS 'Name of the migration';
COMMENT ON COLUMN afterclick.schema_version.checksum IS 'SHA-256 of its text';
COMMENT ON COLUMN afterclick.schema_version.program IS 'Version of the program that applied it';
COMMENT ON COLUMN afterclick.schema_version.applied_at IS 'When';
