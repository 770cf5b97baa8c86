/*
 * partitions.h - how far this aggregator has read each Kafka partition, and
 * how far the tables have.
 */
#ifndef AGGREGATOR_PARTITIONS_H
#define AGGREGATOR_PARTITIONS_H

#include "aggregator/intake/dedup.h"
#include "aggregator/store/batch.h"
#include "common/kafka.h"

struct partition {
	int32_t number;
	bool ours;     /* assigned to us by the group */
	bool claimed;  /* and by the table */
	bool lost;     /* its next record is gone from Kafka: not read */
	bool fenced;   /* another took it: wait for the group to say so */
	bool seek;     /* still to be told to Kafka: read on from next */
	int64_t moved; /* monotonic ms when next last changed */
	int64_t gap;   /* an offset that was asked for again and is not there */
	int64_t epoch;
	int64_t committed;       /* next offset, in the table */
	int64_t next;            /* next offset, with the batch that gathers */
	struct dedup *dedup;     /* with the batch that gathers */
	struct buf stored_dedup; /* as in the table */
	int64_t watermark_ms;    /* newest receive time in what gathers */
};

struct partitions {
	struct partition *at;
	size_t count;
};

/* The partition NUMBER, or NULL. */
struct partition *partitions_find(struct partitions *p, int32_t number);
/* The same, made when it is missing. */
struct partition *partitions_at(struct partitions *p, int32_t number);
void partitions_free(struct partitions *p);

/* What a transaction moves: positions, and the states they point into. */
struct steps {
	struct batch_position *at;
	size_t count, cap;
	struct buf dedup;
};
void steps_free(struct steps *s);

/*
 * Into OUT the step of each partition with records since the last one; with
 * HEARTBEAT also of those without that are at Kafka's end, so that their
 * watermarks go on. What comes from now on is of the next step.
 */
void partitions_step(struct partitions *p, struct kafka_consumer *kafka,
    int64_t now_ms, bool heartbeat, struct steps *out);
/* They are in the table. */
void partitions_settle(struct partitions *p, const struct steps *s);

/* How many records the tables are behind Kafka, where they are ours. */
int64_t partitions_lag(struct partitions *p, struct kafka_consumer *kafka);
/* How many of ours are not read, as their next record is gone. */
int64_t partitions_stopped(const struct partitions *p);

#endif
