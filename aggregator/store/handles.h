/*
 * handles.h - a batch's click ids, e-mail addresses and phone numbers: a row
 * each in the table of whose they are.
 */
#ifndef AGGREGATOR_STORE_HANDLES_H
#define AGGREGATOR_STORE_HANDLES_H

#include "aggregator/journey/facts.h"
#include "common/postgres.h"

/* One element a handle; all lives in the batch's arena. */
struct handles {
	size_t count;
	struct hash128 *handle, *visitor, *user; /* zero: nobody */
	int64_t *visitor_ms, *user_ms;
	struct str *visitor_event, *user_event;
	bool *wanted, *click;
};

/* Gathers what FACTS say of each handle into H, adds the new ones to the
 * table and locks the others, before anything is looked up. */
bool handles_lock(struct handles *h, struct postgres *pg,
    const struct facts *facts, struct arena *arena,
    struct error *err) MUST_CHECK;
/* Writes what they say. */
bool handles_put(
    const struct handles *h, struct postgres *pg, struct error *err) MUST_CHECK;

#endif
