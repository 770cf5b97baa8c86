/*
 * consumer.h - the intake's loop: Kafka in, tables out, batch by batch.
 *
 * Positions live in PostgreSQL and move in the transaction that writes the
 * results. A partition is claimed with a new epoch when it is assigned; an
 * owner that was away writes nothing more.
 */
#ifndef AGGREGATOR_CONSUMER_H
#define AGGREGATOR_CONSUMER_H

#include "aggregator/world.h"

/* Runs until w->stopping. WORK_DONE(CTX) after each committed batch. NUMBER
 * tells the consumers of a process apart. */
void consumer_run(
    struct world *w, int number, void (*work_done)(void *ctx), void *ctx);

#endif
