/*
 * customers.h - customers that need a new look: read in bulk, attributed,
 * written back with what changed in the daily cells, in one transaction.
 */
#ifndef AGGREGATOR_STORE_CUSTOMERS_H
#define AGGREGATOR_STORE_CUSTOMERS_H

#include "common/postgres.h"
#include "common/site.h"

struct customers;

/* The caller owns the result. */
struct customers *customers_new(void);
void customers_free(struct customers *c); /* NULL is allowed */

/*
 * Takes up to LIMIT dirty customers that nobody else is at and attributes
 * them anew. *TAKEN says how many (0: none are waiting). On false nothing
 * has changed and they are still dirty. A COMMIT whose answer was lost is
 * harmless: the work is a function of the tables, and what it did not write
 * is still marked.
 */
bool customers_attribute(struct customers *c, struct postgres *pg,
    const struct sites *sites, int64_t limit, size_t *taken,
    struct error *err) MUST_CHECK;

/* Calls CHANGED(CTX, day) for the days whose cells the last attribution
 * changed; one day may come several times. */
void customers_days(
    struct customers *c, void (*changed)(void *ctx, int32_t day), void *ctx);

/*
 * The same in the caller's transaction, for tables that nobody else works on:
 * prepare before it begins, rounds until *TAKEN is 0, the cells at the end,
 * added up over all rounds. RETRACT: there may be outcomes to take back.
 */
bool customers_prepare(struct customers *c, struct postgres *pg,
    const struct sites *sites, struct error *err) MUST_CHECK;
bool customers_round(struct customers *c, struct postgres *pg,
    const struct sites *sites, bool retract, size_t *taken,
    struct error *err) MUST_CHECK;
/* What erased customers count for, into the cells that are gathered. */
bool customers_keep_erased(
    struct customers *c, struct postgres *pg, struct error *err) MUST_CHECK;
bool customers_save_cells(
    struct customers *c, struct postgres *pg, struct error *err) MUST_CHECK;

#endif
