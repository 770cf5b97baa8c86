/*
 * rebuild.h - the tables once more from the events, beside the live ones, and
 * the moment they take their place.
 *
 * All work stands in a schema of its own, afterclick_rebuild, so that one
 * killed goes on where it was and one given up leaves nothing but a schema to
 * drop. The live tables are read once, at the beginning: how far they were
 * there is how far the rebuild goes, so the two can be compared.
 */
#ifndef AGGREGATOR_STORE_REBUILD_H
#define AGGREGATOR_STORE_REBUILD_H

#include "aggregator/journey/classify.h"
#include "common/kafka.h"
#include "common/postgres.h"

enum rebuild_phase {
	REBUILD_READ,      /* the topic is read */
	REBUILD_MERGE,     /* what was read becomes tables */
	REBUILD_ATTRIBUTE, /* conversions are credited */
	REBUILD_FINISH,    /* compared with the live tables */
	REBUILD_READY,     /* to be swapped */
	REBUILD_SWAPPED    /* in place; only to be cleaned */
};

struct rebuild_plan {
	const char *topic;
	struct str rules; /* digest of what decides the numbers */
	bool has_from;
	int32_t from_day; /* earlier days are taken over as they stand */
};

/* A partition's way from FIRST to TARGET. */
struct rebuild_part {
	int32_t partition;
	int64_t first, next, target;
	struct str dedup; /* lives in the arena */
};

/* Makes PG a rebuild's: one at a time (ERROR_FATAL), and only where nothing
 * reads the tables that could not follow them. */
bool rebuild_open(struct postgres *pg, struct error *err) MUST_CHECK;
/* The same connection opened anew. */
bool rebuild_reopen(struct postgres *pg, struct error *err) MUST_CHECK;

/* *FOUND says whether a rebuild by PLAN was begun, *PHASE how far it is. */
bool rebuild_find(struct postgres *pg, const struct rebuild_plan *plan,
    bool *found, enum rebuild_phase *phase, struct error *err) MUST_CHECK;
/* Begins one: RANGE is what there is to be read. Takes over what live tables
 * hold of the days before, if PLAN says so. */
bool rebuild_begin(struct postgres *pg, const struct rebuild_plan *plan,
    const struct sites *sites, const struct kafka_range *range, size_t count,
    struct error *err) MUST_CHECK;
/* Where its partitions are; *OUT and its texts live in ARENA. */
bool rebuild_parts(struct postgres *pg, struct arena *arena,
    struct rebuild_part **out, size_t *count, struct error *err) MUST_CHECK;

/* Each phase ends by noting that the next one is due. */
bool rebuild_read_done(struct postgres *pg, struct error *err) MUST_CHECK;
bool rebuild_merge(struct postgres *pg, struct error *err) MUST_CHECK;
/* HAS_FROM: some outcomes and credits were taken over. TOLD hears how many
 * of ALL customers are done. */
bool rebuild_attribute(struct postgres *pg, const struct sites *sites,
    bool has_from, void (*told)(void *ctx, size_t done, size_t all), void *ctx,
    struct error *err) MUST_CHECK;
/* Compares with what the live tables held as it began. */
bool rebuild_finish(struct postgres *pg, const struct sites *sites,
    const struct rules *rules, struct error *err) MUST_CHECK;

/* Puts the rebuilt tables in place; ERROR_RETRY when somebody holds the live
 * ones for long. */
bool rebuild_swap(struct postgres *pg, struct error *err) MUST_CHECK;
/* Drops the schema and the tables that were replaced. */
bool rebuild_clean(struct postgres *pg, struct error *err) MUST_CHECK;

#endif
