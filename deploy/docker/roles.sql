-- Run by the postgres image, once, when its volume is new: the role that owns
-- the tables, and the one that only reads the views. The superuser stays out
-- of the programs' reach.
\set owner `cat /run/secrets/postgres_password`
\set reader `cat /run/secrets/reader_password`
CREATE ROLE afterclick LOGIN PASSWORD :'owner';
CREATE ROLE afterclick_reader LOGIN PASSWORD :'reader';
ALTER DATABASE afterclick OWNER TO afterclick;
ALTER DATABASE afterclick SET search_path = afterclick, public;
-- Compiling the views' queries takes longer than running them.
ALTER DATABASE afterclick SET jit = off;
