-- What was prepared and surely never left is planned anew.
DELETE FROM export_receipt
WHERE platform = $1 AND site = $2 AND via = $3 AND state = 'prepared'
