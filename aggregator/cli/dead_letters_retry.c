/*
 * dead_letters_retry.c - what was set aside goes to the topic once more, as
 * new records without a place in a spool; a row goes when Kafka has its
 * record. Killed between the two, the record is there twice: its event id
 * makes that one event in every table but hits_daily.
 */
#include "aggregator/cli/dead_letters.h"

#include <stdio.h>
#include <string.h>

#include "aggregator/cli/context.h"
#include "aggregator/store/sql.h"
#include "common/clock.h"
#include "common/kafka.h"
#include "common/postgres.h"
#include "common/record.h"

enum { AT_A_TIME = 500, PATIENCE_MS = 30000 };

/* One round: the rows that are held, and which of them Kafka has. */
struct retry {
	struct context *c;
	const struct dead_letters_options *opt;
	struct arena *arena;
	struct kafka_producer *producer; /* NULL: a dry run */
	struct dead_letters_counts counts;
	bool delivered[AT_A_TIME];
	size_t reported;
	struct buf place; /* topic of the last row seen */
	int32_t partition;
	int64_t offset;
};

static void
on_report(void *ctx, uint64_t tag, enum kafka_fate fate, const char *reason)
{
	struct retry *y = ctx;

	(void)reason;
	y->reported++;
	if (tag < AT_A_TIME)
		y->delivered[tag] = fate == KAFKA_DELIVERED;
}

static void
say_why(const struct postgres_rows *rows, size_t i, const char *why)
{
	struct str topic = postgres_text(rows, i, 0);

	fprintf(stderr, "afterclick: kept %.*s %lld:%lld: %s\n", (int)topic.len,
	    topic.data, (long long)postgres_int(rows, i, 1),
	    (long long)postgres_int(rows, i, 2), why);
}

/* The record of row I as it goes out, without its old place; false and why
 * when the aggregator would only set it aside again. */
static bool
prepare(struct retry *y, const struct postgres_rows *rows, size_t i,
    struct record *r, struct buf *out, struct error *err)
{
	struct str text = postgres_bytes(rows, i, 4);

	if (!record_decode(r, text, y->arena, err))
		return false;
	if (sites_find(&y->c->sites, r->site) == NULL)
		return error_set(err, ERROR_REJECT,
		    "the site is still not in %s: add it first",
		    y->c->set.sites_file);
	return record_encode(r, out, err);
}

static bool
send_one(struct retry *y, struct str key, struct str value, uint64_t tag,
    struct error *err)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	while (!kafka_produce(y->producer, key, value, tag, err)) {
		if (err->kind != ERROR_RETRY || clock_mono_ms() >= until)
			return false;
		kafka_producer_poll(y->producer, 100);
	}
	return true;
}

/* Waits for the verdict on SENT records. */
static bool
wait_all(struct retry *y, size_t sent, struct error *err)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	while (y->reported < sent) {
		char why[ERROR_TEXT_MAX] = "no answer";

		if (kafka_producer_broken(y->producer, err))
			return false;
		if (clock_mono_ms() >= until) {
			(void)kafka_producer_healthy(y->producer, why);
			return error_set(err, ERROR_RETRY,
			    "Kafka has not confirmed %zu of %zu records: %s; "
			    "they are kept, run the command again",
			    sent - y->reported, sent, why);
		}
		kafka_producer_hurry(y->producer, 100);
	}
	return true;
}

static bool
forget(struct retry *y, const struct postgres_rows *rows, struct error *err)
{
	struct postgres_args args = { 0 };
	struct str topic[AT_A_TIME];
	int32_t partition[AT_A_TIME];
	int64_t offset[AT_A_TIME];
	size_t n = 0;
	bool ok;

	for (size_t i = 0; i < postgres_rows_count(rows); i++) {
		if (!y->delivered[i])
			continue;
		topic[n] = postgres_text(rows, i, 0);
		partition[n] = (int32_t)postgres_int(rows, i, 1);
		offset[n++] = postgres_int(rows, i, 2);
	}
	postgres_arg_texts(&args, topic, n);
	postgres_arg_int4s(&args, partition, n);
	postgres_arg_int8s(&args, offset, n);
	ok = n == 0 ||
	     postgres_exec(y->c->pg, sql_dead_letters_delete, &args, NULL, err);
	postgres_args_free(&args);
	y->counts.sent += n;
	return ok;
}

static bool
send_rows(struct retry *y, const struct postgres_rows *rows, struct error *err)
{
	struct buf out = { 0 };
	size_t sent = 0;
	bool ok = true;

	memset(y->delivered, 0, sizeof(y->delivered));
	y->reported = 0;
	for (size_t i = 0; ok && i < postgres_rows_count(rows); i++) {
		struct record r;
		struct error why;

		out.len = 0;
		arena_reset(y->arena);
		if (!prepare(y, rows, i, &r, &out, &why)) {
			say_why(rows, i, why.text);
			y->counts.kept++;
		} else if (y->producer == NULL) {
			y->counts.sent++;
		} else {
			ok = send_one(y, record_key(&r), buf_str(&out), i, err);
			sent += ok;
		}
	}
	buf_free(&out);
	return ok && (y->producer == NULL ||
			 (wait_all(y, sent, err) && forget(y, rows, err)));
}

/* The next rows; *MORE is false when there were none. */
static bool
one_round(struct retry *y, bool *more, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *rows;
	size_t n;
	bool ok;

	if (!postgres_begin(y->c->pg, err))
		return false;
	postgres_arg_text(&args, buf_str(&y->place));
	postgres_arg_int4(&args, y->partition);
	postgres_arg_int8(&args, y->offset);
	if (y->opt->reason != NULL)
		postgres_arg_text(&args, str_of(y->opt->reason));
	else
		postgres_arg_null(&args);
	rows = postgres_query(y->c->pg, sql_dead_letters_lock, &args, err);
	postgres_args_free(&args);
	if (rows == NULL) {
		postgres_rollback(y->c->pg);
		return false;
	}
	n = postgres_rows_count(rows);
	*more = n > 0;
	ok = send_rows(y, rows, err);
	if (ok && n > 0) {
		y->place.len = 0;
		buf_add_str(&y->place, postgres_text(rows, n - 1, 0));
		y->partition = (int32_t)postgres_int(rows, n - 1, 1);
		y->offset = postgres_int(rows, n - 1, 2);
	}
	postgres_rows_free(rows);
	if (!ok) {
		postgres_rollback(y->c->pg);
		return false;
	}
	/* Not known to be committed is as if not: the rows are sent again. */
	return postgres_commit(y->c->pg, err) == POSTGRES_COMMITTED;
}

bool
dead_letters_retry(struct context *c, const struct dead_letters_options *opt,
    struct dead_letters_counts *counts, struct error *err)
{
	struct retry y = { .c = c, .opt = opt, .partition = -1, .offset = -1 };
	bool more = true, ok = true;

	if (!opt->dry_run) {
		y.producer = kafka_producer_open(
		    &c->set.kafka, c->set.topic, on_report, &y, err);
		if (y.producer == NULL)
			return false;
	}
	y.arena = arena_new(65536);
	while (ok && more)
		ok = one_round(&y, &more, err);
	kafka_producer_close(y.producer);
	arena_free(y.arena);
	buf_free(&y.place);
	*counts = y.counts;
	return ok;
}
