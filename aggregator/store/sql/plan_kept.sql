-- Plans are kept and used again, see plan_anew.
SET LOCAL plan_cache_mode = auto
