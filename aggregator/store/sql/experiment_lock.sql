-- One writer of experiment_cell at a time, at the end of its transaction; no
-- row where there are no experiments.
SELECT pg_advisory_xact_lock(7311547) FROM experiment LIMIT 1
