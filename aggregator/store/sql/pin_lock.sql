-- Waits for those who attribute by the pins as they were; see
-- attribute_lock.
SELECT pg_advisory_xact_lock(7311542)
