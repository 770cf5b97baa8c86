-- Sites that the tables know.
SELECT site FROM site UNION SELECT site FROM dimension ORDER BY 1
