-- How many customers wait.
SELECT count(*) FROM dirty
