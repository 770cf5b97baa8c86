/*
 * writer.h - writes a batch on a thread of its own, while the next one
 * gathers. It takes one batch at a time; between them the store and its
 * connection are the caller's.
 */
#ifndef AGGREGATOR_WRITER_H
#define AGGREGATOR_WRITER_H

#include "aggregator/partitions.h"
#include "aggregator/world.h"

struct writer;

/* WORK_DONE(CTX) is called on the writer's thread after each batch that is
 * in the tables. The caller owns the result. */
struct writer *writer_start(struct world *w, size_t remembered_touches,
    void (*work_done)(void *ctx), void *ctx);
void writer_stop(struct writer *w); /* waits for the batch; NULL is allowed */

/* One try to write FACTS and STEPS, which are the writer's until it lands. */
void writer_send(
    struct writer *w, const struct facts *facts, const struct steps *steps);
/* True when nothing is being written; waits WAIT_MS for that at most, or for
 * as long as it takes when that is below 0. */
bool writer_idle(struct writer *w, int64_t wait_ms);
/* What became of the last batch. The writer is idle. */
enum batch_result writer_result(const struct writer *w, struct error *err);

/* While the writer is idle: its store, and its connection, opened when there
 * is none; NULL and ERR when that fails. */
struct batch_store *writer_store(struct writer *w);
struct postgres *writer_postgres(
    struct writer *w, struct error *err) MUST_CHECK;
bool writer_connected(const struct writer *w);

#endif
