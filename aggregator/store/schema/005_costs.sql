-- Costs find their campaign by id where hits name one.

CREATE TABLE campaign_hit (
	site text COLLATE "C",
	campaign_id text COLLATE "C",
	dim integer,
	PRIMARY KEY (site, campaign_id, dim)
);
COMMENT ON TABLE campaign_hit IS 'Campaign ids that hits came with (utm_id, gad_campaignid), and the campaigns those hits count for';
COMMENT ON COLUMN campaign_hit.site IS 'Site id';
COMMENT ON COLUMN campaign_hit.campaign_id IS 'Campaign id, normalised';
COMMENT ON COLUMN campaign_hit.dim IS 'Source, medium and campaign of the hits';

CREATE TABLE cost_file (
	site text COLLATE "C",
	platform text COLLATE "C",
	digest bytea,
	file text NOT NULL,
	imported_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (site, platform, digest)
);
COMMENT ON TABLE cost_file IS 'Files that a watched folder has brought, so that each is read once';
COMMENT ON COLUMN cost_file.site IS 'Site id';
COMMENT ON COLUMN cost_file.platform IS 'Format it was read as';
COMMENT ON COLUMN cost_file.digest IS 'SHA-256 of its bytes';
COMMENT ON COLUMN cost_file.file IS 'Name of the file';
COMMENT ON COLUMN cost_file.imported_at IS 'When';

-- A function of what is in the tables, not of when it came there. Of several
-- campaigns that hits name by one id, the one with the cost's own name goes
-- first, then one of its source and medium, then by name.
CREATE FUNCTION cost_dim(text, text, text, text, text) RETURNS integer
LANGUAGE sql STABLE AS $$
SELECT coalesce((
	SELECT h.dim
	FROM campaign_hit h JOIN dimension d USING (dim)
	WHERE h.site = $1 AND h.campaign_id = $2 AND $2 <> ''
	ORDER BY (d.source, d.medium, d.campaign) = ($3, $4, $5) DESC,
		d.source = $3 DESC, d.medium = $4 DESC,
		d.campaign <> '(not set)' DESC, d.campaign, d.source, d.medium
	LIMIT 1
), (
	SELECT d.dim FROM dimension d
	WHERE d.site = $1 AND d.source = $3 AND d.medium = $4
		AND d.campaign = $5
))
$$;
COMMENT ON FUNCTION cost_dim(text, text, text, text, text) IS 'Where a cost counts: site, campaign id, source, medium, campaign';
