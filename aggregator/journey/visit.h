/*
 * visit.h - which hits of a visit are touches, as a function of the set of
 * its candidates: never of their order of arrival.
 */
#ifndef AGGREGATOR_JOURNEY_VISIT_H
#define AGGREGATOR_JOURNEY_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/calendar.h"
#include "common/str.h"

/* The earliest hit of one origin in a visit. */
struct candidate {
	int64_t signature; /* of the origin; 0: not tagged */
	int64_t ts_ms;
	struct str event_id;
	int64_t start_ms; /* when the visit began, as the hit says */
	int32_t dim;
	bool in_visit; /* false: a tagged hit outside any visit */
};

/*
 * What tells the origins of a visit apart: so many bits of the signature; 0
 * only for what is not tagged. Two origins of one visit that share them are
 * one in seventeen thousand million.
 */
#define VISIT_ORIGIN_BITS 34
uint64_t visit_origin(int64_t signature);

/* (time, event_id): the order of everything. */
int visit_order(const struct candidate *a, const struct candidate *b);

enum visit_change { VISIT_SAME, VISIT_NEW, VISIT_EARLIER };
/*
 * Merges C into the candidates AT[0..*COUNT), which has room for one more.
 * VISIT_NEW: appended at the end; VISIT_EARLIER: the one of the same origin
 * gave way, *WHERE says which.
 */
enum visit_change visit_merge(struct candidate *at, size_t *count,
    const struct candidate *c, size_t *where);

/*
 * True when candidate I is a touch: it is tagged, or the first of its visit.
 */
bool visit_is_touch(const struct candidate *at, size_t count, size_t i);

/* The place of the first candidate. COUNT is at least 1. */
size_t visit_first(const struct candidate *at, size_t count);

/*
 * What the visit adds to the daily tables: calls ADD(CTX, day, dim, visits,
 * touches) for each. SIGN is 1, or -1 to take it back.
 */
void visit_count(const struct candidate *at, size_t count,
    const struct zone *zone, int sign,
    void (*add)(
	void *ctx, int32_t day, int32_t dim, int64_t visits, int64_t touches),
    void *ctx);

#endif
