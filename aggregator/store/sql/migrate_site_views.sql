-- Views of views, made again when all migrations are done.
DROP SCHEMA IF EXISTS afterclick_sites CASCADE
