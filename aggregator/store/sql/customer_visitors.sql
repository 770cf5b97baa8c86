-- The visitors of some customers: those linked to a user, and a visitor
-- itself while it is linked to nobody.
SELECT c.customer, i.visitor
FROM unnest($1::uuid[]) AS c (customer)
JOIN identity i ON i.user_key = c.customer
UNION ALL
SELECT c.customer, c.customer
FROM unnest($1::uuid[]) AS c (customer)
WHERE NOT EXISTS (SELECT FROM identity i WHERE i.visitor = c.customer)
