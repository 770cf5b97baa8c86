/*
 * kafka.h - Kafka through librdkafka, and the only file that knows it.
 *
 * Settings named by librdkafka pass through untouched (`kafka:` in the
 * configuration); what correctness needs is set here and may not be
 * overridden: a setting that would break a promise is refused by name.
 */
#ifndef COMMON_KAFKA_H
#define COMMON_KAFKA_H

#include <stdbool.h>
#include <stdint.h>

#include "common/config.h"
#include "common/error.h"
#include "common/str.h"

/* Checks (see config.h): of SETTING_PAIRS that librdkafka takes and that say
 * where Kafka is; of a SETTING_TEXT that may name a topic. */
void kafka_check_settings(const void *value, struct config_place *place);
void kafka_check_topic(const void *value, struct config_place *place);

/* --- producer: used by one thread -------------------------------------- */
struct kafka_producer;

/* What became of a message. TAG is what was given to kafka_produce(). */
enum kafka_fate {
	KAFKA_DELIVERED, /* on the broker, acks=all */
	KAFKA_AGAIN,     /* perhaps there, perhaps not: produce it again */
	KAFKA_REFUSED    /* not taken (too large), it or the batch it was in:
			    never, if it was the only message on its way */
};
typedef void kafka_report(
    void *ctx, uint64_t tag, enum kafka_fate fate, const char *reason);

/*
 * Idempotent, acks=all, no message timeout, murmur2 partitioner. REPORT is
 * called inside kafka_producer_poll() and _hurry() only. Does not wait for a
 * broker.
 */
struct kafka_producer *kafka_producer_open(const struct pairs *settings,
    const char *topic, kafka_report *report, void *ctx,
    struct error *err) MUST_CHECK;
/*
 * Copies the message. ERROR_RETRY when the queue is full (poll, then try
 * again) or the topic is not known; ERROR_REJECT when the message is longer
 * than message.max.bytes; ERROR_FATAL when the producer is beyond use: close
 * it, open another, produce everything not delivered once more.
 */
bool kafka_produce(struct kafka_producer *p, struct str key, struct str value,
    uint64_t tag, struct error *err) MUST_CHECK;
#define KAFKA_TOGETHER_MAX 64
#define KAFKA_ROOM 66048 /* for key and value of a large message */
struct kafka_outgoing {
	struct str key, value;
	uint64_t tag;
	bool taken;
};
/* Where a message for kafka_produce_together() is to be written: KAFKA_ROOM
 * bytes, the same place until kafka_producer_keep(). NULL when too much is
 * under way there: such a message is one for kafka_produce(). */
char *kafka_producer_room(struct kafka_producer *p);
/* The first LEN bytes of the room stay as they are until the report. */
void kafka_producer_keep(struct kafka_producer *p, size_t len);
/* COUNT messages (KAFKA_TOGETHER_MAX at most) whose values were kept, each by
 * a call of its own; cheaper than to copy them one by one. Says of each
 * whether it was taken, and how many were. Why another was not,
 * kafka_produce() tells; it is kept no longer. */
size_t kafka_produce_together(
    struct kafka_producer *p, struct kafka_outgoing *messages, size_t count);
/* True when the producer is beyond use; ERR says why. */
bool kafka_producer_broken(const struct kafka_producer *p, struct error *err);
/* Reports what has happened; waits TIMEOUT_MS for something at most. */
void kafka_producer_poll(struct kafka_producer *p, int timeout_ms);
/* The same, and what is queued goes out at once: it waits for no company
 * (linger.ms). Returns when all is reported, or after TIMEOUT_MS. */
void kafka_producer_hurry(struct kafka_producer *p, int timeout_ms);
/* Messages handed over and not yet reported. */
size_t kafka_producer_queued(const struct kafka_producer *p);
/* True when the last contact with a broker was good. TEXT, if not NULL,
 * gets the reason when false. */
bool kafka_producer_healthy(
    const struct kafka_producer *p, char text[ERROR_TEXT_MAX]);
/* NULL is allowed. Messages still queued are dropped: they are in the spool. */
void kafka_producer_close(struct kafka_producer *p);

/* --- consumer: used by one thread --------------------------------------- */
struct kafka_consumer;
struct kafka_message {
	int32_t partition;
	int64_t offset;
	int64_t timestamp_ms;
	struct str key;   /* lent until kafka_release() */
	struct str value; /* lent until kafka_release() */
	void *handle;
};

struct kafka_events {
	/* PARTITION is ours from now: return the offset to start from (>= 0),
	 * or -1 to leave the partition unread until kafka_seek(). */
	int64_t (*assigned)(void *ctx, int32_t partition);
	/* PARTITION is ours no longer: forget what is not committed. */
	void (*revoked)(void *ctx, int32_t partition);
	/* OFFSET is gone: the log starts at LOW. The partition is paused. */
	void (*lost)(void *ctx, int32_t partition, int64_t offset, int64_t low);
	void *ctx;
};

/* Joins GROUP for TOPIC; auto.offset.reset is error, nothing is committed to
 * Kafka. Events are called inside kafka_poll() only. */
struct kafka_consumer *kafka_consumer_open(const struct pairs *settings,
    const char *group, const char *topic, const struct kafka_events *events,
    struct error *err) MUST_CHECK;
/*
 * Up to MAX messages into OUT; waits at most TIMEOUT_MS for the first and
 * takes what is there. Returns how many; -1 and ERR when something is wrong
 * (ERROR_RETRY: log and poll on; ERROR_FATAL: missing topic, no
 * authorisation).
 */
int kafka_poll(struct kafka_consumer *c, struct kafka_message *out, int max,
    int timeout_ms, struct error *err) MUST_CHECK;
void kafka_release(struct kafka_message *messages, int count);
/* Go on reading PARTITION at OFFSET: after a rolled back batch. */
bool kafka_seek(struct kafka_consumer *c, int32_t partition, int64_t offset,
    struct error *err) MUST_CHECK;
/* Stops and resumes fetching, while polls go on (PostgreSQL is away). */
void kafka_pause(struct kafka_consumer *c, bool paused);
/* The last known end offset of PARTITION, -1 if unknown. No network. */
int64_t kafka_end(struct kafka_consumer *c, int32_t partition);
void kafka_consumer_close(struct kafka_consumer *c); /* leaves the group */

/* --- administration ------------------------------------------------------ */
struct kafka_range {
	int32_t partition;
	int64_t low, high;
};
/* Creates TOPIC if it is missing. */
bool kafka_topic_create(const struct pairs *settings, const char *topic,
    int partitions, int replication, int64_t retention_ms, bool *created,
    struct error *err) MUST_CHECK;
/* How long TOPIC keeps records, by the brokers; -1: for ever. */
bool kafka_topic_retention(const struct pairs *settings, const char *topic,
    int64_t *ms, struct error *err) MUST_CHECK;
/* Start and end offsets of each partition, asked from the brokers. The
 * caller frees *OUT. ERROR_FATAL when the topic does not exist. */
bool kafka_ranges(const struct pairs *settings, const char *topic,
    struct kafka_range **out, size_t *count, struct error *err) MUST_CHECK;
/* Into LOW of each of RANGE: the first offset whose record was produced at MS
 * or later; HIGH when there is none. */
bool kafka_offsets_at(const struct pairs *settings, const char *topic,
    int64_t ms, struct kafka_range *range, size_t count,
    struct error *err) MUST_CHECK;

/* --- reading a topic again: used by one thread --------------------------- */
#define KAFKA_READER_MAX 1000
struct kafka_reader;

/* Reads [low, high) of each RANGE, as no member of any group; GROUP is a name
 * for the broker's access lists. */
struct kafka_reader *kafka_reader_open(const struct pairs *settings,
    const char *group, const char *topic, const struct kafka_range *range,
    size_t count, struct error *err) MUST_CHECK;
/* As kafka_poll(), at most KAFKA_READER_MAX at once: kafka_release() them. */
int kafka_reader_poll(struct kafka_reader *r, struct kafka_message *out,
    int max, int timeout_ms, struct error *err) MUST_CHECK;
/* Records that are still to come, at most; 0: all were handed out. */
int64_t kafka_reader_left(const struct kafka_reader *r);
void kafka_reader_close(struct kafka_reader *r); /* NULL is allowed */

#endif
