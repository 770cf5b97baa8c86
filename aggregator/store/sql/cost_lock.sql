-- One import, one change of rates, or one batch with a new campaign id at a
-- time: who comes second sees what the first wrote.
SELECT pg_advisory_xact_lock(7311543)
