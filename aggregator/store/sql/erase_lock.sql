-- Nobody attributes or imports, and no batch is on its way: what was gathered
-- before does not know whom it must not bring back, and is read once more by
-- who owns the partition, as after a rebuild.
SELECT pg_advisory_xact_lock(7311542), pg_advisory_xact_lock(7311543);
UPDATE position SET epoch = epoch + 1
WHERE (topic, partition) IN (
	SELECT topic, partition FROM position ORDER BY topic, partition
	FOR UPDATE)
