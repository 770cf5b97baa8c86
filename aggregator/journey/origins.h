/*
 * origins.h - where the touches of a batch came from, each origin once.
 */
#ifndef AGGREGATOR_JOURNEY_ORIGINS_H
#define AGGREGATOR_JOURNEY_ORIGINS_H

#include "aggregator/journey/classify.h"

struct origin_fact {
	const struct site *site;
	const struct origin *origin; /* in the arena */
	uint64_t name;               /* see origins_name() */
};

/* Zeroed it is empty; its memory is the arena's. */
struct origins {
	struct origin_fact *at;
	size_t count;
	uint32_t *slot; /* place in at + 1; 0: free */
	size_t slots;   /* twice the room in at */
	uint32_t plain; /* place in at + 1 of a hit without any; 0: none yet */
};

/* A hash of all texts of O by which two origins are told apart; SCRATCH is
 * overwritten. */
uint64_t origins_name(struct buf *scratch, const struct origin *o);
/* The place of the origin O of SITE, which NAME names: new, it is copied to
 * ARENA. */
uint32_t origins_no(struct origins *all, struct arena *arena,
    const struct site *site, const struct origin *o, uint64_t name);

/* A copy of O in A with its texts; its rule's name stays the rules'. */
const struct origin *origins_keep(struct arena *a, const struct origin *o);

#endif
