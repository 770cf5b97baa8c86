-- Every source, medium and campaign, for their channels.
SELECT dim, site, source, medium, campaign FROM dimension
WHERE medium <> '(none)' AND source <> '(other)'
ORDER BY dim
