/*
 * rebuild_topic.c - the topic from a stretch's beginning to its end, in
 * chunks that are stored with the place they were read up to.
 */
#include "aggregator/cli/rebuild_topic.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "aggregator/intake/dedup.h"
#include "aggregator/store/rebuild_read.h"
#include "aggregator/store/suppressed.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/calendar.h"
#include "common/clock.h"

enum { CHUNK = 50000, POLL_MS = 1000, TRIES = 60, SHOW_MS = 250 };

/* A clock may be a day ahead of the record's arrival, see facts.c. */
#define AHEAD_MS (25 * INT64_C(3600000))

/* --- progress ------------------------------------------------------------- */

void
progress_begin(struct progress *p)
{
	p->began_ms = p->shown_ms = clock_mono_ms();
}

void
progress_show(struct progress *p, const char *verb, const char *what,
    int64_t done, int64_t all)
{
	int64_t now = clock_mono_ms(), ms = now - p->began_ms;

	if (!p->wanted || now - p->shown_ms < SHOW_MS || done == 0)
		return;
	p->shown_ms = now;
	fprintf(stderr,
	    "\r%s: %lld of %lld %s, %lld %%, %lld/s, %lld s left\033[K", verb,
	    (long long)done, (long long)all, what,
	    (long long)(done * 100 / (all > 0 ? all : 1)),
	    (long long)(done * 1000 / (ms > 0 ? ms : 1)),
	    (long long)((all - done) * ms / done / 1000));
}

void
progress_clear(struct progress *p)
{
	if (p->wanted)
		fputs("\r\033[K", stderr);
}

/* --- what there is -------------------------------------------------------- */

/* Another topic's events would be lost by a rebuild from this one. */
static bool
no_other_topic(
    struct context *c, const struct rebuild_plan *plan, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;
	bool ok = true;

	postgres_arg_text(&args, str_of(plan->topic));
	r = postgres_query(c->pg, sql_rebuild_topics, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return false;
	if (postgres_rows_count(r) > 0 && !plan->has_from)
		ok = error_set(err, ERROR_FATAL,
		    "the tables hold events of the topic %.*s too, which a "
		    "rebuild from %s would lose: rebuild the days since the "
		    "change with --from",
		    STR_ARG(postgres_text(r, 0, 0)), plan->topic);
	postgres_rows_free(r);
	return ok;
}

/* When the first record that is left of each RANGE was produced: the latest
 * of them; INT64_MAX when a partition has none. */
static bool
whole_since(struct context *c, const struct kafka_range *range, size_t count,
    int64_t *ms, struct error *err)
{
	struct kafka_range *first = mem_zero(count + 1, sizeof(*first));
	struct kafka_reader *r;
	bool ok = false;

	*ms = 0;
	for (size_t i = 0; i < count; i++) {
		first[i] = (struct kafka_range){ range[i].partition,
			range[i].low, range[i].low + 1 };
		if (range[i].low == 0)
			first[i].high = 0; /* nothing is gone */
		else if (range[i].low >= range[i].high)
			*ms = INT64_MAX;
	}
	if (*ms == INT64_MAX) {
		free(first);
		return true;
	}
	r = kafka_reader_open(
	    &c->set.kafka, c->set.group, c->set.topic, first, count, err);
	while (r != NULL && kafka_reader_left(r) > 0) {
		struct kafka_message m[16];
		int n = kafka_reader_poll(r, m, 16, POLL_MS, err);

		if (n < 0)
			goto out;
		for (int i = 0; i < n; i++) {
			if (m[i].timestamp_ms > *ms)
				*ms = m[i].timestamp_ms;
		}
		kafka_release(m, n);
	}
	ok = r != NULL;
out:
	kafka_reader_close(r);
	free(first);
	return ok;
}

/* The first moment of DAY on the site where it comes first. */
static int64_t
earliest_start(const struct sites *sites, int32_t day)
{
	const struct site *s = sites->list.at;
	int64_t ms = (int64_t)day * DAY_MS + DAY_MS / 2; /* no site: never */

	for (size_t i = 0; i < sites->list.count; i++) {
		int64_t start = zone_day_start_ms(s[i].zone, day);

		if (start < ms)
			ms = start;
	}
	return ms;
}

/* Retention took records that the rebuild would need: until when, and what
 * is possible. */
static bool
gone(struct context *c, const struct rebuild_plan *plan,
    const struct kafka_range *range, size_t count, struct error *err)
{
	int64_t since;
	int32_t day;
	char text[11];

	if (!whole_since(c, range, count, &since, err))
		return false;
	if (since == INT64_MAX)
		return error_set(err, ERROR_FATAL,
		    "Kafka's retention removed all records of a partition of "
		    "%s: they are in the tables only, and a rebuild would "
		    "lose them",
		    plan->topic);
	day = (int32_t)(since / DAY_MS);
	while (earliest_start(&c->sites, day) - AHEAD_MS < since)
		day++;
	if (plan->has_from && plan->from_day >= day)
		return true;
	calendar_format_day(day, text);
	return error_set(err, ERROR_FATAL,
	    "Kafka's retention removed the first records of %s: what they say "
	    "is in the tables only. %s is the first day that can be rebuilt "
	    "as a whole: --from %s",
	    plan->topic, text, text);
}

/* The tables must be where the topic still is. */
static bool
positions_fit(struct context *c, const char *topic,
    const struct kafka_range *range, size_t count, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;
	bool ok = true;

	postgres_arg_text(&args, str_of(topic));
	r = postgres_query(c->pg, sql_lag_positions, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return false;
	for (size_t i = 0; ok && i < postgres_rows_count(r); i++) {
		int64_t partition = postgres_int(r, i, 0);
		int64_t next = postgres_int(r, i, 1);

		for (size_t k = 0; ok && k < count; k++) {
			if (range[k].partition != partition ||
			    (next >= range[k].low && next <= range[k].high))
				continue;
			ok = error_set(err, ERROR_FATAL,
			    "partition %lld of %s: the tables are at offset "
			    "%lld, the topic holds %lld to %lld: %s",
			    (long long)partition, topic, (long long)next,
			    (long long)range[k].low, (long long)range[k].high,
			    next > range[k].high
				? "it is not the topic they were read from"
				: "retention removed what was not read yet");
		}
	}
	postgres_rows_free(r);
	return ok;
}

bool
rebuild_topic_plan(struct context *c, const struct rebuild_plan *plan,
    struct kafka_range **range, size_t *count, struct error *err)
{
	bool some_gone = false;

	if (!no_other_topic(c, plan, err) ||
	    !kafka_ranges(&c->set.kafka, plan->topic, range, count, err) ||
	    !positions_fit(c, plan->topic, *range, *count, err))
		return false;
	for (size_t i = 0; i < *count; i++)
		some_gone = some_gone || (*range)[i].low > 0;
	if (some_gone && !gone(c, plan, *range, *count, err))
		return false;
	return !plan->has_from ||
	       kafka_offsets_at(&c->set.kafka, plan->topic,
		   earliest_start(&c->sites, plan->from_day) - AHEAD_MS, *range,
		   *count, err);
}

/* --- reading -------------------------------------------------------------- */

struct reading {
	struct context *c;
	const struct rebuild_plan *plan;
	const struct rules *rules;
	struct progress *progress;
	struct kafka_reader *kafka;
	struct rebuild_read *store;
	struct facts *facts;
	struct facts *before; /* of days that are taken over: only checked */
	struct arena *scratch, *parts_arena;
	struct rebuild_part *part;
	struct dedup **dedup; /* by part */
	struct suppressed suppressed;
	int64_t *next; /* by part: with the chunk */
	size_t parts;
	size_t gathered, chunk;
	int64_t done, all;
	/* The record of a chunk of one, whole. */
	struct buf last;
	int32_t last_partition;
	int64_t last_offset;
};

static void
close_reading(struct reading *g)
{
	kafka_reader_close(g->kafka);
	g->kafka = NULL;
	for (size_t i = 0; i < g->parts; i++)
		dedup_free(g->dedup[i]);
	free(g->dedup);
	free(g->next);
	g->dedup = NULL;
	g->next = NULL;
	g->parts = 0;
	facts_reset(g->facts);
	g->gathered = 0;
}

static bool
connect_again(struct context *c, struct error *err)
{
	if (c->pg != NULL && !postgres_broken(c->pg))
		return true;
	postgres_close(c->pg);
	c->pg = postgres_open(
	    c->set.postgres.dsn, c->set.postgres.password, "afterclick", err);
	return c->pg != NULL && rebuild_reopen(c->pg, err);
}

/* Begins at what is stored. */
static bool
open_reading(struct reading *g, struct error *err)
{
	struct kafka_range *range;
	bool ok = true;

	close_reading(g);
	arena_reset(g->parts_arena);
	if (!connect_again(g->c, err) ||
	    !suppressed_refresh(
		&g->suppressed, g->c->pg, g->c->set.erased_file, err) ||
	    !rebuild_parts(g->c->pg, g->parts_arena, &g->part, &g->parts, err))
		return false;
	g->dedup = mem_zero(g->parts + 1, sizeof(*g->dedup));
	g->next = mem_zero(g->parts + 1, sizeof(*g->next));
	range = mem_zero(g->parts + 1, sizeof(*range));
	g->done = g->all = 0;
	for (size_t i = 0; i < g->parts; i++) {
		const struct rebuild_part *p = &g->part[i];

		range[i] =
		    (struct kafka_range){ p->partition, p->next, p->target };
		g->next[i] = p->next;
		g->done += p->next - p->first;
		g->all += p->target - p->first;
		g->dedup[i] = dedup_new();
		ok = ok && dedup_load(g->dedup[i], p->dedup, err);
	}
	if (ok)
		g->kafka = kafka_reader_open(&g->c->set.kafka, g->c->set.group,
		    g->plan->topic, range, g->parts, err);
	free(range);
	return g->kafka != NULL;
}

/* True for an event of the days that are taken over. */
static bool
is_before(const struct reading *g, const struct record *r)
{
	const struct site *s;

	if (!g->plan->has_from)
		return false;
	s = sites_find(&g->c->sites, r->site);
	return s != NULL && facts_event_time_ms(r) <
				zone_day_start_ms(s->zone, g->plan->from_day);
}

static void
take(struct reading *g, size_t part, const struct kafka_message *m)
{
	struct facts *facts;
	struct record r;
	struct error err;
	bool repeat;

	arena_reset(g->scratch);
	if (!record_decode(&r, m->value, g->scratch, &err) ||
	    !dedup_record(g->dedup[part], &r, &repeat, &err))
		goto dead;
	facts = is_before(g, &r) ? g->before : g->facts;
	if (repeat) {
		quality_repeat(facts, &g->c->sites, &r);
		return;
	}
	suppressed_apply(&g->suppressed, &r, g->scratch);
	if (facts_add(facts, &g->c->sites, g->rules, &r, m->partition, &err))
		return;
	quality_dead(facts, &g->c->sites, &r);
dead:
	facts_add_dead(g->facts, m->partition, m->offset, str_of(err.text),
	    suppressed_dead(&g->suppressed, &g->c->sites, m->value));
}

static void
take_all(struct reading *g, const struct kafka_message *m, int n)
{
	for (int i = 0; i < n; i++) {
		size_t part = 0;

		while (part < g->parts &&
		       g->part[part].partition != m[i].partition)
			part++;
		if (part == g->parts)
			continue;
		take(g, part, &m[i]);
		if (g->before->touches.count > CHUNK)
			facts_reset(g->before);
		g->next[part] = m[i].offset + 1;
		g->gathered++;
		if (g->chunk == 1) {
			g->last.len = 0;
			buf_add_str(&g->last, suppressed_dead(&g->suppressed,
						  &g->c->sites, m[i].value));
			g->last_partition = m[i].partition;
			g->last_offset = m[i].offset;
		}
	}
}

static bool
write_chunk(struct reading *g, struct error *err)
{
	struct rebuild_step *step = mem_alloc((g->parts + 1) * sizeof(*step));
	struct buf state = { 0 };
	size_t *at = mem_alloc((g->parts + 1) * sizeof(*at));
	size_t n = 0;
	bool ok;

	for (size_t i = 0; i < g->parts; i++) {
		if (g->next[i] == g->part[i].next)
			continue;
		at[n] = state.len;
		dedup_save(g->dedup[i], &state);
		step[n++] = (struct rebuild_step){ g->part[i].partition,
			g->part[i].next, g->next[i], STR_EMPTY };
	}
	at[n] = state.len;
	for (size_t i = 0; i < n; i++)
		step[i].dedup = str_make(state.data + at[i], at[i + 1] - at[i]);
	ok = rebuild_read_write(g->store, g->c->pg, g->facts, step, n, err);
	for (size_t i = 0; ok && i < g->parts; i++) {
		g->done += g->next[i] - g->part[i].next;
		g->part[i].next = g->next[i];
	}
	buf_free(&state);
	free(at);
	free(step);
	return ok;
}

/* Stores what is gathered. What PostgreSQL will not take is read again in
 * smaller chunks, and alone it becomes a dead letter, as in the aggregator. */
static bool
store(struct reading *g, struct error *err)
{
	struct buf reason = { 0 };
	bool ok = write_chunk(g, err);

	if (!ok && err->kind == ERROR_REJECT && g->gathered == 1) {
		buf_printf(&reason, "refused by PostgreSQL: %s", err->text);
		facts_reset(g->facts);
		facts_add_dead(g->facts, g->last_partition, g->last_offset,
		    buf_str(&reason), buf_str(&g->last));
		buf_free(&reason);
		ok = write_chunk(g, err);
	}
	if (ok) {
		g->chunk = g->chunk * 2 < CHUNK ? g->chunk * 2 : CHUNK;
		facts_reset(g->facts);
		g->gathered = 0;
		return true;
	}
	if (err->kind != ERROR_REJECT)
		return false;
	g->chunk = g->gathered / 8 > 0 ? g->gathered / 8 : 1;
	return open_reading(g, err);
}

static bool
read_on(struct reading *g, struct error *err)
{
	while (kafka_reader_left(g->kafka) > 0) {
		struct kafka_message m[KAFKA_READER_MAX];
		size_t room = g->chunk - g->gathered;
		int n = kafka_reader_poll(g->kafka, m,
		    room < KAFKA_READER_MAX ? (int)room : KAFKA_READER_MAX,
		    POLL_MS, err);

		if (n < 0)
			return false;
		take_all(g, m, n);
		kafka_release(m, n);
		progress_show(g->progress, "reading", "records",
		    g->done + (int64_t)g->gathered, g->all);
		if ((g->gathered >= g->chunk ||
			(g->gathered > 0 &&
			    kafka_reader_left(g->kafka) == 0)) &&
		    !store(g, err))
			return false;
	}
	return true;
}

bool
rebuild_topic_read(struct context *c, const struct rebuild_plan *plan,
    const struct rules *rules, struct progress *p, int64_t *records,
    struct error *err)
{
	struct reading g = { .c = c,
		.plan = plan,
		.rules = rules,
		.progress = p,
		.chunk = CHUNK };
	int64_t began = -1, tried_at = -1;
	int tries = 0;
	bool ok;

	g.store = rebuild_read_new(plan->topic);
	g.facts = facts_new();
	g.before = facts_new();
	g.scratch = arena_new(1 << 16);
	g.parts_arena = arena_new(1 << 12);
	progress_begin(p);
	for (;;) {
		ok = open_reading(&g, err);
		if (ok && began < 0)
			began = g.done;
		ok = ok && read_on(&g, err);
		if (ok || err->kind == ERROR_FATAL)
			break;
		/* The same place again and again is no passing trouble. */
		tries = g.done > tried_at ? 0 : tries + 1;
		tried_at = g.done;
		if (tries > TRIES)
			break;
		progress_clear(p);
		fprintf(stderr, "afterclick: %s; trying again\n", err->text);
		poll(NULL, 0, 1000);
	}
	*records = g.done - (began < 0 ? 0 : began);
	progress_clear(p);
	close_reading(&g);
	rebuild_read_free(g.store);
	facts_free(g.facts);
	facts_free(g.before);
	arena_free(g.scratch);
	arena_free(g.parts_arena);
	suppressed_free(&g.suppressed);
	buf_free(&g.last);
	return ok && rebuild_read_done(c->pg, err);
}
