/*
 * known.h - the visits of late, packed: what stands of them in the table
 * touch, so that a hit of a known visit, and a visit that is new, cost
 * PostgreSQL no look-up.
 *
 * It is a memory, never the truth: a visit that it takes for new and that is
 * there after all is refused by the table's key, and looked up then.
 */
#ifndef AGGREGATOR_STORE_KNOWN_H
#define AGGREGATOR_STORE_KNOWN_H

#include "aggregator/journey/visit.h"
#include "common/digest.h"

struct known;

struct visit_key {
	struct hash128 visitor;
	int64_t session;
};

/* Remembers the last TOUCHES, and twice as many at most. The caller owns the
 * result. */
struct known *known_new(size_t touches);
void known_free(struct known *r); /* NULL is allowed */

enum known_answer {
	KNOWN_WHOLE,  /* OUT has all of its candidates */
	KNOWN_NEW,    /* the table has none of it */
	KNOWN_UNKNOWN /* ask the table */
};
/* KEY will be asked for soon. */
void known_prefetch(const struct known *r, const struct visit_key *key);

/*
 * What stands of the visit KEY, which a hit says began at START_MS. OUT has
 * room for KNOWN_MOST candidates; they come without their event ids, with
 * what visit_origin() leaves of their signatures, and no two of them are of
 * one time.
 */
#define KNOWN_MOST 16
enum known_answer known_find(const struct known *r, const struct visit_key *key,
    int64_t start_ms, struct candidate *out, size_t *count);

/* AT[0..COUNT) is what stands of the visit from now on. */
void known_put(struct known *r, const struct visit_key *key,
    const struct candidate *at, size_t count);
/* After the known_put() of a batch: what begins later is new from now on. */
void known_settle(struct known *r);

/* Forgets everything: others may have written. */
void known_forget(struct known *r);

/* The memory it takes, and how many touches it holds. */
size_t known_bytes(const struct known *r, size_t *touches);

#endif
