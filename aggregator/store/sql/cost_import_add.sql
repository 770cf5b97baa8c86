-- record an import of costs; of several accounts in a file the first is named
-- $1 platform, $2 site, $3 file, $4 refused rows
INSERT INTO cost_import (platform, account, site, file, rows, refused)
SELECT $1, coalesce(min(account), ''), $2, $3, count(*), $4::bigint
FROM cost_stage
RETURNING import_id, rows
