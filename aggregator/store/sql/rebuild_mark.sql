-- Whose conversions are to be computed: all; or, from a day on, of those who
-- have or had one since. With which rates and pins, the swap asks again.
WITH started AS (
	INSERT INTO computed_with SELECT inputs FROM inputs
)
INSERT INTO dirty (customer)
SELECT customer
FROM (
	SELECT DISTINCT ON (v.site, v.event_id) k.customer
	FROM conversion v
	JOIN conversion_candidate k ON k.site = v.site
		AND k.event_id = v.event_id
	LEFT JOIN cut c ON c.site = v.site
	WHERE c.at IS NULL OR v.ts >= c.at
	ORDER BY v.site, v.event_id, k.rank
) k
UNION
SELECT customer FROM outcome
WHERE day >= coalesce((SELECT from_day FROM plan), '-infinity')
