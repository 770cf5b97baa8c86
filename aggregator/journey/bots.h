/*
 * bots.h - user agents that are no people.
 *
 * All literals of the table are sought in one pass over the agent
 * (Aho-Corasick on lower-cased bytes); only where one stands are its case,
 * its place and, for few, a regular expression looked at. Immutable and
 * shareable by threads.
 */
#ifndef AGGREGATOR_JOURNEY_BOTS_H
#define AGGREGATOR_JOURNEY_BOTS_H

#include "common/error.h"
#include "common/str.h"

struct bots;

/* From the table that is compiled in. The caller owns the result. */
struct bots *bots_new(void);
void bots_free(struct bots *b); /* NULL is allowed */

/*
 * The name of the first rule of the table that USER_AGENT meets, or the
 * empty str. Lends it for B's life.
 */
struct str bots_find(const struct bots *b, struct str user_agent);

#endif
