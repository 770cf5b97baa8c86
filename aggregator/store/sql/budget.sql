-- rows of budget_suggestion for a report
-- $1 model, $2 site or NULL
SELECT site, source, medium, campaign, days, spend, net_revenue,
	average_return, marginal_return, marginal_low, marginal_high, fit_r2,
	suggestion, reason, currency
FROM budget_suggestion
WHERE model = $1 AND ($2::text IS NULL OR site = $2)
ORDER BY site, spend DESC, source, medium, campaign
