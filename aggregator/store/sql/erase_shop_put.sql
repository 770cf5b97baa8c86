-- Names ($3) in place of the shop's own orders ($1 site, $2 order id).
INSERT INTO subject_shop (site, order_id, alias)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
