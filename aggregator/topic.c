/*
 * topic.c - names and offsets survive the topic they belonged to; what tells
 * topics apart is their records.
 */
#include "aggregator/topic.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "aggregator/intake/dedup.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/clock.h"
#include "common/kafka.h"
#include "common/log.h"
#include "common/record.h"

enum {
	LOOK_AT = 20, /* records of each partition */
	LOOK_MS = 10000,
	POLL_MAX = 100,
	/* The end of a partition may be told late by a new leader. */
	SHORT_TRIES = 5
};

/* A partition that is looked at. */
struct past {
	struct dedup *dedup;
	size_t known, unknown; /* records that were read, or never were */
};

static const char remedy[] =
    "To read it from its start: UPDATE afterclick.position SET next_offset = "
    "0 WHERE topic = '%s', then restart";

static bool
made_anew(
    const char *topic, int32_t partition, const char *why, struct error *err)
{
	char text[ERROR_TEXT_MAX / 2];

	snprintf(text, sizeof(text), remedy, topic);
	return error_set(err, ERROR_FATAL,
	    "topic %s is not the one that was read before, or was set back: "
	    "partition %" PRId32 " %s. %s",
	    topic, partition, why, text);
}

static void
look(struct past *past, const struct kafka_message *m, struct arena *arena)
{
	struct record r;
	bool repeat;

	arena_reset(arena);
	if (!record_decode(&r, m->value, arena, NULL) || r.spool_id.len == 0 ||
	    !dedup_record(past->dedup, &r, &repeat, NULL))
		return; /* a dead letter, or of no spool: tells nothing */
	if (repeat)
		past->known++;
	else
		past->unknown++;
}

/* Reads RANGE, which ends at the positions, against PAST, by partition. */
static bool
read_past(struct world *w, const struct kafka_range *range, size_t count,
    struct past *past, struct error *err)
{
	struct kafka_reader *reader = kafka_reader_open(
	    &w->set->kafka, w->set->group, w->set->topic, range, count, err);
	struct arena *arena = arena_new(1 << 16);
	int64_t until = clock_mono_ms() + LOOK_MS;
	bool ok = reader != NULL;

	while (ok && kafka_reader_left(reader) > 0 && !w->stopping &&
	       clock_mono_ms() < until) {
		struct kafka_message m[POLL_MAX];
		int n = kafka_reader_poll(reader, m, POLL_MAX, 100, err);

		ok = n >= 0;
		for (int i = 0; i < n; i++)
			look(&past[m[i].partition], &m[i], arena);
		if (n > 0)
			kafka_release(m, n);
	}
	arena_free(arena);
	kafka_reader_close(reader);
	return ok;
}

/*
 * Sets RANGE to what is looked at, RANGE[i] being partition i, and PAST to
 * what was read by ROWS, the positions. *SHORTER: a partition that ends before
 * its position, or -1.
 */
static bool
choose(const struct postgres_rows *rows, struct kafka_range *range,
    size_t count, struct past *past, int32_t *shorter, struct error *err)
{
	bool *at = mem_zero(count + 1, sizeof(*at));
	bool ok = true;

	*shorter = -1;
	for (size_t i = 0; ok && i < postgres_rows_count(rows); i++) {
		int64_t partition = postgres_int(rows, i, 0);
		int64_t next = postgres_int(rows, i, 1);
		struct str state = postgres_bytes(rows, i, 2);
		struct kafka_range *r;

		if (partition >= (int64_t)count ||
		    next > range[partition].high) {
			*shorter = (int32_t)partition;
			continue;
		}
		if (state.len == 0)
			continue; /* knows no spool */
		r = &range[partition];
		at[partition] = true;
		if (r->low < next - LOOK_AT)
			r->low = next - LOOK_AT;
		r->high = next > r->low ? next : r->low;
		past[partition].dedup = dedup_new();
		ok = dedup_load(past[partition].dedup, state, err);
	}
	for (size_t i = 0; i < count; i++) {
		if (!at[i])
			range[i].high = range[i].low;
	}
	free(at);
	return ok;
}

static bool
compare(struct world *w, const struct postgres_rows *rows, int32_t *shorter,
    struct error *err)
{
	struct kafka_range *range = NULL;
	struct past *past = NULL;
	size_t count = 0;
	bool ok;

	if (!kafka_ranges(&w->set->kafka, w->set->topic, &range, &count, err))
		return false;
	past = mem_zero(count + 1, sizeof(*past));
	ok = choose(rows, range, count, past, shorter, err) &&
	     (*shorter >= 0 || read_past(w, range, count, past, err));
	for (size_t i = 0; i < count; i++) {
		if (ok && *shorter < 0 && past[i].known == 0 &&
		    past[i].unknown > 0)
			ok = made_anew(w->set->topic, (int32_t)i,
			    "has other records before its position", err);
		dedup_free(past[i].dedup);
	}
	free(past);
	free(range);
	return ok;
}

bool
topic_is_the_one(struct world *w, struct error *err)
{
	struct postgres *pg = world_connect(w, "topic", err);
	struct postgres_args args = { 0 };
	struct postgres_rows *rows = NULL;
	int32_t shorter = -1;
	bool ok = true;

	if (pg == NULL)
		return false;
	postgres_arg_text(&args, str_of(w->set->topic));
	rows = postgres_query(pg, sql_position_list, &args, err);
	postgres_args_free(&args);
	postgres_close(pg);
	if (rows == NULL)
		return false;
	for (int i = 0; postgres_rows_count(rows) > 0 && i < SHORT_TRIES; i++) {
		ok = compare(w, rows, &shorter, err);
		if (!ok || shorter < 0 || w->stopping)
			break;
		poll(NULL, 0, 1000);
	}
	postgres_rows_free(rows);
	if (ok && shorter >= 0 && !w->stopping)
		ok = made_anew(
		    w->set->topic, shorter, "ends before its position", err);
	return ok;
}
