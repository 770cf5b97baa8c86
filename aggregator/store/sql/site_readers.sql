-- Lets roles $1 read the sites of lists $2.
SELECT set_site_readers($1::text[], $2::text[])
