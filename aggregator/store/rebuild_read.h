/*
 * rebuild_read.h - what a rebuild reads again, gathered in tables without
 * indexes: nothing is looked up, everything is copied.
 */
#ifndef AGGREGATOR_STORE_REBUILD_READ_H
#define AGGREGATOR_STORE_REBUILD_READ_H

#include "aggregator/journey/facts.h"
#include "common/postgres.h"

struct rebuild_step {
	int32_t partition;
	int64_t old_offset, next_offset;
	struct str dedup;
};

struct rebuild_read;

/* TOPIC must outlive it. The caller owns the result. */
struct rebuild_read *rebuild_read_new(const char *topic);
void rebuild_read_free(struct rebuild_read *r); /* NULL is allowed */

/*
 * Copies FACTS and moves the partitions of STEP[0..COUNT) on, in one
 * transaction; of a visit's many hits of one origin only the earliest.
 * ERROR_FATAL when somebody else moved them.
 */
bool rebuild_read_write(struct rebuild_read *r, struct postgres *pg,
    const struct facts *facts, const struct rebuild_step *step, size_t count,
    struct error *err) MUST_CHECK;

#endif
