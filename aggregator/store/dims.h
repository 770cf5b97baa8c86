/*
 * dims.h - the numbers of (site, source, medium, campaign), remembered.
 */
#ifndef AGGREGATOR_STORE_DIMS_H
#define AGGREGATOR_STORE_DIMS_H

#include "common/postgres.h"

struct dims;

struct dim_name {
	struct str site, source, medium, campaign, channel;
};

/* The caller owns the result. */
struct dims *dims_new(void);
void dims_free(struct dims *d); /* NULL is allowed */

/*
 * The numbers of COUNT names into OUT; names not in the table are added, in
 * a transaction of their own (so call it outside of one): a number once
 * given stays, whatever becomes of the batch that needed it.
 */
bool dims_resolve(struct dims *d, struct postgres *pg,
    const struct dim_name *names, size_t count, int32_t *out,
    struct error *err) MUST_CHECK;

/* The names of special rows. */
struct dim_name dims_unattributed(struct str site);

#endif
