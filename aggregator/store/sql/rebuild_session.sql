-- Names of a rebuild stand before the live ones; what it stores may be lost
-- with the machine, as it would be read again.
SET search_path TO afterclick_rebuild, afterclick;
SET synchronous_commit TO off
