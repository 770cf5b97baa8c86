-- All keys of all subjects.
SELECT DISTINCT key FROM subject
