-- Lets role $1 write rows.
SELECT grant_writer($1)
