/*
 * packed.h - the candidates for touches of many visitors, in 40 bytes each
 * and the text of their event ids.
 *
 * Holds, per visitor, visit and origin, the earliest hit: what PostgreSQL's
 * table of touches would. Later hits of a known origin mostly go at once, the
 * rest whenever the rows of a part have doubled, so that memory follows the
 * candidates and not the hits. Visitors are dealt to parts by their hash, each
 * so small that looking among its rows stays in the processor's cache.
 */
#ifndef AGGREGATOR_REPORT_PACKED_H
#define AGGREGATOR_REPORT_PACKED_H

#include "common/digest.h"
#include "common/str.h"

/* Instants that a row can hold: from 1970 to the day before 2109. */
#define PACKED_TIME_MAX ((INT64_C(1) << 42) - 1)

struct packed;

struct packed_row {
	uint64_t key;      /* lo of the visitor's; see parties.h */
	uint32_t key_more; /* the lower half of hi; its highest byte is the
			      part */
	uint32_t dim;
	uint64_t session; /* 47 bits of its hash, in_visit, 16 of the day */
	uint64_t when;    /* 42 bits of time, 22 of the signature */
	uint64_t text;    /* 40 bits of the event id's place, 24 of the
			     signature */
};

/* A row in the clear; the signature is 0 for a hit without origin. */
struct packed_hit {
	struct hash128 visitor;
	uint32_t dim;
	int64_t session, signature; /* hashes; only some bits are kept */
	int64_t ts_ms;
	int32_t start_day; /* when the visit began; 0 outside any visit */
	bool in_visit;
	struct str event_id; /* at most 255 bytes */
};

/* The caller owns the result. */
struct packed *packed_new(void);
void packed_free(struct packed *p); /* NULL is allowed */

/* Adds a hit. Copies. */
void packed_add(struct packed *p, const struct packed_hit *hit);

/*
 * Calls EACH for every visitor with its rows, ordered by visit, lent for the
 * call. VISITOR has the bits of parties.h only. Adding is over.
 */
void packed_each(struct packed *p,
    void (*each)(void *ctx, struct hash128 visitor,
	const struct packed_row *row, size_t count),
    void *ctx);

/* True when A and B, rows of one visitor, are of one visit. */
static inline bool
packed_same_visit(const struct packed_row *a, const struct packed_row *b)
{
	return a->session >> 16 == b->session >> 16;
}
static inline int64_t
packed_time(const struct packed_row *r)
{
	return (int64_t)(r->when >> 22);
}
static inline bool
packed_in_visit(const struct packed_row *r)
{
	return (r->session >> 16 & 1) != 0;
}
static inline int32_t
packed_start_day(const struct packed_row *r)
{
	return (int32_t)(r->session & 0xffff);
}
static inline bool
packed_tagged(const struct packed_row *r)
{
	return (r->when & 0x3fffff) != 0 || (r->text & 0xffffff) != 0;
}
struct str packed_event_id(const struct packed *p, const struct packed_row *r);
/* (time, event id): the order of everything. */
int packed_order(const struct packed *p, const struct packed_row *a,
    const struct packed_row *b);

/* Rows, and their bytes with those of their event ids: after packed_each()
 * of the candidates, before of some more. */
size_t packed_count(const struct packed *p);
size_t packed_row_bytes(const struct packed *p);

#endif
