/*
 * dedup.h - which records of a partition have been seen: exactly once from
 * the collector's disk to the tables.
 *
 * Each record names its spool, its number there and a floor: every lower
 * number of that spool is on Kafka. What is below the highest floor seen
 * and comes again is a repeat; at or above it the numbers seen are kept as
 * bits. Memory is bounded by what a collector has in flight.
 */
#ifndef AGGREGATOR_INTAKE_DEDUP_H
#define AGGREGATOR_INTAKE_DEDUP_H

#include <stdint.h>

#include "common/error.h"
#include "common/record.h"
#include "common/str.h"

/* Numbers above the floor that one spool may have in flight. */
#define DEDUP_WINDOW_MAX (1 << 22)

struct dedup;

struct dedup *dedup_new(void);
void dedup_free(struct dedup *d); /* NULL is allowed */

enum dedup_verdict {
	DEDUP_FRESH,
	DEDUP_REPEAT,
	DEDUP_ABSURD /* a floor above the number, or a window no spool has */
};
/*
 * Notes record SEQ of SPOOL with FLOOR and says what it is. NOW_MS is the
 * record's receive time: a spool not heard of for long is forgotten.
 */
enum dedup_verdict dedup_see(struct dedup *d, uint64_t spool, uint64_t seq,
    uint64_t floor, int64_t now_ms);

/* Notes R; *REPEAT says whether it has been here. A record that is of no
 * spool never has. False: its numbers contradict each other. */
bool dedup_record(struct dedup *d, const struct record *r, bool *repeat,
    struct error *err) MUST_CHECK;

/* Appends the state to OUT, to be stored with the partition's position. */
void dedup_save(const struct dedup *d, struct buf *out);
/* Replaces the state by a stored one; the empty text is the empty state. */
bool dedup_load(
    struct dedup *d, struct str stored, struct error *err) MUST_CHECK;

#endif
