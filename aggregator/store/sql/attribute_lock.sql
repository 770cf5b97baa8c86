-- Shared by all who attribute, and before they take customers: nobody changes
-- the currency rates (fx_put) while somebody computes with them.
SELECT pg_advisory_xact_lock_shared(7311542)
