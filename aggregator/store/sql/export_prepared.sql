-- Files that an export which did not end was to write.
SELECT DISTINCT via FROM export_receipt
WHERE platform = $1 AND site = $2 AND state = 'prepared'
ORDER BY via
