-- How many rows are wrong; must be 0.
SELECT count(*) FROM roi_check
