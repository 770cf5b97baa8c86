/*
 * publisher.h - the one thread that carries durable records to Kafka.
 *
 * Owns the producer and the reading side of every spool. A record leaves the
 * spool only when its delivery report says that Kafka has it; a producer
 * that failed for good is rebuilt and everything from the floor on is sent
 * again under the same numbers, so that the aggregator can tell.
 */
#ifndef COLLECTOR_PUBLISHER_H
#define COLLECTOR_PUBLISHER_H

#include "collector/spool.h"
#include "common/config.h"

struct publisher;
struct publisher_settings {
	const struct pairs *kafka; /* librdkafka's own settings */
	const char *topic;
	const char
	    *dead_letters; /* file for records Kafka refuses; JSON lines */
};

struct publisher *publisher_start(struct spool_dir *dir,
    const struct publisher_settings *set, struct error *err) MUST_CHECK;
/* CALL(CTX) in the publisher's thread when records of SPOOL were confirmed:
 * for durability: kafka. Before the first append. */
void publisher_on_confirmed(struct publisher *p,
    void (*call)(void *ctx, struct spool *spool, uint64_t floor), void *ctx);
/* True when Kafka takes records; else REASON (if not NULL) says why not. */
bool publisher_healthy(struct publisher *p, char reason[ERROR_TEXT_MAX]);
/* Publishes what is left for at most DEADLINE_MS, then stops and frees.
 * True when every record was confirmed. */
bool publisher_stop(struct publisher *p, int64_t deadline_ms);

#endif
