-- Lets role $1 read the views.
SELECT grant_reader($1)
