/*
 * world.h - what the aggregator's threads share: settings, the sites and
 * rules in force, and the wish to stop.
 */
#ifndef AGGREGATOR_WORLD_H
#define AGGREGATOR_WORLD_H

#include <stdatomic.h>

#include "aggregator/journey/classify.h"
#include "aggregator/settings.h"
#include "common/postgres.h"

/* Sites and rules loaded together; immutable once published. */
struct rulebook {
	struct arena *arena;
	struct sites sites;
	struct rules *rules;
	struct rulebook *older; /* still in use by someone, freed at the end */
};

struct world {
	const struct aggregator_settings *set;
	_Atomic(struct rulebook *) book;
	_Atomic bool stopping;
	_Atomic bool failed; /* a thread met a fatal error: exit 1 */
	_Atomic bool postgres_up, kafka_up;
	_Atomic bool behind; /* Kafka has more than a batch: what can, waits */
	_Atomic int64_t kept_since_ms; /* older events are of no use any more */
};

/* Loads and publishes sites and rules; the old ones stay on failure. */
bool world_load(struct world *w, struct buf *problems) MUST_CHECK;
/* Frees every rulebook. No other thread may run. */
void world_free(struct world *w);

/* A connection for PURPOSE ("intake", "attribution"). */
struct postgres *world_connect(
    struct world *w, const char *purpose, struct error *err) MUST_CHECK;

/*
 * After an error: true when the thing is worth repeating. Otherwise says so
 * in the log and asks everyone to stop.
 */
bool world_may_retry(
    struct world *w, const char *module, const struct error *err);

#endif
