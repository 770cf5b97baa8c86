/*
 * landings.h - what classify_hit() said of a batch's hits, by what it looks
 * at: many come by the same link, and are the same to it.
 */
#ifndef AGGREGATOR_JOURNEY_LANDINGS_H
#define AGGREGATOR_JOURNEY_LANDINGS_H

#include "aggregator/journey/classify.h"

#define LANDING_NO_PLACE UINT32_MAX

struct landing {
	struct origin origin; /* as of classify_hit() */
	uint32_t place;       /* the caller's: where it has put the origin */
};

struct landings; /* of one thread */

/* The caller owns the result. */
struct landings *landings_new(void);
void landings_free(struct landings *l); /* NULL is allowed */

/* Forgets all: the arena that it was copied to is emptied. */
void landings_reset(struct landings *l);

/*
 * The landing of RECORD on SITE, lent until the next call. What is remembered
 * is copied to ARENA, the same for all calls up to a reset; a new one's place
 * is LANDING_NO_PLACE, and stays as the caller sets it.
 */
struct landing *landings_find(struct landings *l, const struct rules *rules,
    const struct site *site, const struct record *record, struct arena *arena);

#endif
