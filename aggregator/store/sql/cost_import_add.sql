-- record an import of costs
INSERT INTO cost_import (platform, account, site, file, rows, refused)
SELECT $1, $2, $3, $4, count(*), $5::bigint FROM cost_stage
RETURNING import_id, rows
