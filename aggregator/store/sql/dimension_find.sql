-- The numbers of dimensions, in the order asked for.
SELECT n.i::int, d.dim
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
	WITH ORDINALITY AS n (site, source, medium, campaign, i)
JOIN dimension d USING (site, source, medium, campaign)
