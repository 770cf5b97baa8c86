/*
 * experiments.h - exposures into their table, what customers count for into
 * the sums of the arms, and from those what the arms say.
 */
#ifndef AGGREGATOR_STORE_EXPERIMENTS_H
#define AGGREGATOR_STORE_EXPERIMENTS_H

#include "aggregator/journey/facts.h"
#include "common/postgres.h"
#include "common/site.h"

/* The experiments of SITES into their table; what changed is restated. */
bool experiments_publish(struct postgres *pg, const struct sites *sites,
    struct error *err) MUST_CHECK;

/* The exposures of F, inside the batch's transaction. */
bool experiments_expose(struct postgres *pg, const struct facts *f,
    struct arena *arena, struct error *err) MUST_CHECK;

/*
 * Restates CUSTOMERS, whose VISITOR[i] belongs to OWNER[i], inside the
 * transaction that attributes them, after everything else of it.
 */
bool experiments_restate(struct postgres *pg, const struct hash128 *customers,
    size_t count, const struct hash128 *visitor, const struct hash128 *owner,
    size_t visitors, struct error *err) MUST_CHECK;

/* Computes anew what arms say whose sums have changed. */
bool experiments_read_out(struct postgres *pg, struct error *err) MUST_CHECK;

#endif
