/*
 * batch.h - one batch, one transaction: the facts and the positions they
 * were read up to commit together. Die before and they are read again, die
 * after and they are not. Nothing doubles.
 */
#ifndef AGGREGATOR_STORE_BATCH_H
#define AGGREGATOR_STORE_BATCH_H

#include "aggregator/journey/facts.h"
#include "common/postgres.h"

/* A partition's step from OLD_OFFSET to NEXT_OFFSET. */
struct batch_position {
	int32_t partition;
	int64_t epoch;
	int64_t old_offset, next_offset;
	struct str dedup;     /* stored with it */
	int64_t watermark_ms; /* receive time up to which all is in; 0: none */
};

struct batch_store;

/* TOPIC must outlive it. The caller owns the result. */
struct batch_store *batch_store_new(
    const char *topic, size_t remembered_touches);
void batch_store_free(struct batch_store *s); /* NULL is allowed */
/* Forgets what it remembers of the tables: someone else may have written. */
void batch_store_forget(struct batch_store *s);

/* Takes PARTITION for OWNER, which starts at FIRST when it is new. */
bool batch_claim(struct batch_store *s, struct postgres *pg, int32_t partition,
    int64_t first, const char *owner, struct batch_position *out,
    struct buf *dedup, struct error *err) MUST_CHECK;

/* Whether P's partition still stands in the table in the name of OWNER, and
 * as P last left it. Ours but moved: a late COMMIT of ours, or a rebuild put
 * other tables in place. */
bool batch_stands(struct batch_store *s, struct postgres *pg,
    const struct batch_position *p, const char *owner, bool *ours,
    bool *unmoved, struct error *err) MUST_CHECK;

enum batch_result {
	BATCH_WRITTEN,
	BATCH_FENCED, /* another aggregator owns one of the partitions */
	BATCH_FAILED  /* ERR says why; nothing was written */
};
/* Writes FACTS and moves POSITIONS[0..COUNT). An answer to COMMIT that was
 * lost is settled by reading back (RECONNECT opens the connection anew). */
enum batch_result batch_write(struct batch_store *s, struct postgres **pg,
    struct postgres *(*reconnect)(void *ctx, struct error *err), void *ctx,
    const struct facts *facts, const struct batch_position *positions,
    size_t count, struct error *err) MUST_CHECK;

#endif
