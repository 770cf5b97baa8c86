-- A finished file: all that was prepared for it is sent.
UPDATE export_receipt SET state = 'sent', sent_at = now()
WHERE platform = $1 AND site = $2 AND via = $3 AND state = 'prepared'
