-- order_coverage of some days, and of all of them as the last row
-- $1 site, $2 first day, $3 last day
SELECT CASE WHEN grouping(day) = 0 THEN day::text ELSE 'total' END AS day,
	sum(orders)::bigint AS orders, sum(matched)::bigint AS matched,
	sum(missing)::bigint AS missing,
	sum(different_amount)::bigint AS different_amount,
	sum(extra)::bigint AS extra, sum(duplicate)::bigint AS duplicate,
	sum(cancelled)::bigint AS cancelled,
	sum(shop_revenue)::numeric(38,6) AS shop_revenue,
	sum(tracked_revenue)::numeric(38,6) AS tracked_revenue,
	round(sum(tracked_revenue) / nullif(sum(shop_revenue), 0), 6)
		AS coverage
FROM order_coverage
WHERE site = $1 AND order_coverage.day BETWEEN $2 AND $3
GROUP BY ROLLUP (order_coverage.day)
ORDER BY grouping(order_coverage.day), order_coverage.day
