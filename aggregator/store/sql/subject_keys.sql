-- The keys of all subjects.
SELECT request, key FROM subject
