-- rows of budget_deciles for a report
-- $1 model, $2 site or NULL
SELECT site, source, medium, campaign, decile, days, spend, net_revenue, roas,
	marginal_return
FROM budget_deciles
WHERE model = $1 AND ($2::text IS NULL OR site = $2)
ORDER BY site, source, medium, campaign, decile
