/*
 * consumer_internal.h - what consumer.c (batches and the loop) and
 * consumer_partitions.c (what is ours to read) share. One thread.
 */
#ifndef AGGREGATOR_CONSUMER_INTERNAL_H
#define AGGREGATOR_CONSUMER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregator/consumer.h"
#include "aggregator/partitions.h"
#include "aggregator/store/suppressed.h"
#include "aggregator/writer.h"
#include "common/kafka.h"

struct consumer {
	struct world *w;
	struct kafka_consumer *kafka;
	struct writer *writer;
	struct suppressed suppressed; /* who was erased, as of the claims */
	struct partitions parts;
	struct arena *scratch; /* of one record */
	char owner[128];
	/* What gathers. */
	struct facts *facts;
	size_t gathered;        /* records in it */
	int64_t gathered_since; /* monotonic ms */
	/* What is on its way into the tables. */
	struct facts *flying;
	struct steps steps;
	size_t flying_records;
	bool flight;               /* there is such a batch */
	bool sent;                 /* and the writer has it */
	int64_t retry_at, wait_ms; /* of one that failed; monotonic */
	size_t careful;            /* so many records were refused together */
	size_t careful_batch;      /* and are read again so many at a time */
	bool cold;                 /* no visit is remembered */
	bool abandon;              /* a partition left: both are given up */
	int64_t next_heartbeat, next_claim;
	int64_t lag, stopped;   /* its part of the gauges */
	struct buf dead_record; /* the first of a careful batch, whole */
	int32_t dead_partition;
	int64_t dead_offset;
};

/* Nothing is being written when it returns. */
void consumer_await_writer(struct consumer *c);
/* What has gathered goes to the writer, which has nothing else. */
void consumer_take_off(struct consumer *c);
/*
 * What became of the batch that was sent, once that is known: waits WAIT_MS
 * for it at most, or for as long as it takes when that is below 0. True when
 * none is on its way any more.
 */
bool consumer_land(struct consumer *c, int64_t wait_ms);

/* Takes P in the table, and with it its offset; false when that must be
 * tried again. */
bool consumer_claim(struct consumer *c, struct partition *p);
/* Reads on from P's next offset; tried again each turn until it works. */
void consumer_read_on(struct consumer *c, struct partition *p);
/* Back to what is committed, for every partition of ours. */
void consumer_start_over(struct consumer *c);
/* What Kafka's client calls inside a poll. */
struct kafka_events consumer_events(struct consumer *c);

#endif
