-- How many ids were erased.
SELECT count(*) FROM suppression
