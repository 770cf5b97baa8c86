-- Other topics that the tables hold events of. $1 topic
SELECT topic FROM afterclick.position WHERE topic <> $1::text
GROUP BY topic ORDER BY topic
