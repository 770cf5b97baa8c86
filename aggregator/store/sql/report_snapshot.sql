-- All sections of a report show the same moment. First in its transaction.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY
