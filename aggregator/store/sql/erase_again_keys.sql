-- Every key of the tables that may stand for somebody, by kind.
DECLARE erase_keys NO SCROLL CURSOR FOR
SELECT 1 AS kind, visitor AS key FROM touch
UNION SELECT 1, visitor FROM conversion WHERE visitor IS NOT NULL
UNION SELECT 1, visitor FROM identity
UNION SELECT 1, visitor FROM exposure
UNION SELECT 1, visitor FROM handle WHERE visitor IS NOT NULL
UNION SELECT 2, user_key FROM identity
UNION SELECT 2, user_key FROM conversion WHERE user_key IS NOT NULL
UNION SELECT 2, user_key FROM handle WHERE user_key IS NOT NULL
UNION SELECT 2, visitor FROM exposure
UNION SELECT 5, handle FROM handle
