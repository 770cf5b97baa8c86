/*
 * packed.h - the candidates for touches of many visitors, in 32 bytes each
 * and the text of their event ids.
 *
 * Holds, per visitor, visit and origin, the earliest hit: what PostgreSQL's
 * table of touches would. Later hits of a known origin go at once, the rest
 * whenever the rows have doubled, so that memory follows the candidates and
 * not the hits.
 */
#ifndef AGGREGATOR_REPORT_PACKED_H
#define AGGREGATOR_REPORT_PACKED_H

#include "common/digest.h"
#include "common/str.h"

#define PACKED_NOBODY UINT32_MAX
/* Instants that a row can hold: from 1970 to the day before 2109. */
#define PACKED_TIME_MAX ((INT64_C(1) << 42) - 1)

struct packed;

struct packed_row {
	uint32_t visitor;
	uint32_t dim;
	uint64_t session; /* 47 bits of its hash, in_visit, 16 of the day */
	uint64_t when;    /* 42 bits of time, 22 of the signature */
	uint64_t text;    /* 40 bits of the event id's place, 24 of the
			     signature */
};

/* A row in the clear; the signature is 0 for a hit without origin. */
struct packed_hit {
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

/* The number of the visitor or user of KEY: they share one range. */
uint32_t packed_party(struct packed *p, struct hash128 key);
/* KEY will be asked for soon: brings what it needs nearer, in three steps. */
void packed_expect(const struct packed *p, struct hash128 key);
void packed_expect_more(const struct packed *p, struct hash128 key);
void packed_expect_row(const struct packed *p, struct hash128 key);
struct hash128 packed_key(const struct packed *p, uint32_t party);
size_t packed_parties(const struct packed *p);

/* Adds a hit of VISITOR. Copies. */
void packed_add(
    struct packed *p, uint32_t visitor, const struct packed_hit *hit);

/*
 * Ends adding: from now on the rows of a visitor stand together, ordered by
 * visit. No more parties or hits.
 */
void packed_sort(struct packed *p);
/* The rows of VISITOR, *COUNT of them. Lent. */
const struct packed_row *packed_rows(
    const struct packed *p, uint32_t visitor, size_t *count);

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

size_t packed_count(const struct packed *p);
/* Bytes of all rows with their event ids, and of the table of parties. */
size_t packed_row_bytes(const struct packed *p);
size_t packed_party_bytes(const struct packed *p);

#endif
