-- orders none of whose lines has an amount: the first line of each
SELECT min(line) FROM order_stage
GROUP BY order_id HAVING count(amount_micros) = 0
ORDER BY 1
