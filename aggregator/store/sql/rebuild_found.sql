-- whether a rebuild was begun
SELECT to_regclass('afterclick_rebuild.plan') IS NOT NULL
