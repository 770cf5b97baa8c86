-- How many customers are to be computed.
SELECT count(*) FROM dirty
