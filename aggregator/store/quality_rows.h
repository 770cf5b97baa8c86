/*
 * quality_rows.h - what facts say of how well hits were tracked, as rows.
 */
#ifndef AGGREGATOR_STORE_QUALITY_ROWS_H
#define AGGREGATOR_STORE_QUALITY_ROWS_H

#include "aggregator/journey/facts.h"
#include "common/postgres.h"

/* Adds them to the tables, in the transaction of a batch. ORIGIN_DIM holds
 * the dimensions of F's origins. */
bool quality_write(struct postgres *pg, const struct facts *f,
    const int32_t *origin_dim, struct arena *arena,
    struct error *err) MUST_CHECK;

/* The same into what a rebuild gathers. LANDING_DIM holds the dimensions of
 * F's bot landings. */
bool quality_copy(struct postgres *pg, const struct facts *f,
    const int32_t *landing_dim, struct error *err) MUST_CHECK;

#endif
