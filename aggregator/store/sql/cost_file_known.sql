-- whether a watched folder has brought this file already
-- $1 site, $2 platform, $3 digest
SELECT FROM cost_file WHERE site = $1 AND platform = $2 AND digest = $3
