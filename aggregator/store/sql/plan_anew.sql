-- For the rest of the transaction statements are planned for what they get: of
-- a large batch, whether to read an index once or to look each row up.
SET LOCAL plan_cache_mode = force_custom_plan
