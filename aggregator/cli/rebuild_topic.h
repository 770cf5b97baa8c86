/*
 * rebuild_topic.h - a rebuild's way through the topic.
 */
#ifndef AGGREGATOR_CLI_REBUILD_TOPIC_H
#define AGGREGATOR_CLI_REBUILD_TOPIC_H

#include "aggregator/cli/context.h"
#include "aggregator/store/rebuild.h"

/* A line on stderr that is written over. */
struct progress {
	bool wanted;
	int64_t began_ms, shown_ms;
};
void progress_begin(struct progress *p);
/* DONE of ALL of WHAT, with rate and time left; now and then. */
void progress_show(struct progress *p, const char *verb, const char *what,
    int64_t done, int64_t all);
void progress_clear(struct progress *p);

/*
 * What there is to be read of the topic, checked against PLAN: a rebuild that
 * the topic no longer holds the events for is refused with the day from which
 * on it does. The caller frees *RANGE.
 */
bool rebuild_topic_plan(struct context *c, const struct rebuild_plan *plan,
    struct kafka_range **range, size_t *count, struct error *err) MUST_CHECK;

/* Reads all that is left; *RECORDS says how many that was. Goes on by itself
 * when a broker or PostgreSQL is away for a while. */
bool rebuild_topic_read(struct context *c, const struct rebuild_plan *plan,
    const struct rules *rules, struct progress *p, int64_t *records,
    struct error *err) MUST_CHECK;

#endif
