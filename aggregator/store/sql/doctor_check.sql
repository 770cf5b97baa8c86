-- how many sums do not agree
SELECT count(*) AS rows FROM roi_check
