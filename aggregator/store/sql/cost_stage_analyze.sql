-- so that the statements below are planned for the rows there are
ANALYZE cost_stage
