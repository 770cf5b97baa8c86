/*
 * afterclick subject-export - all that is kept of customers: rows of the
 * tables, records that were set aside, and the records on Kafka.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/rebuild_topic.h"
#include "aggregator/cli/subjects.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/json.h"
#include "common/kafka.h"
#include "common/process.h"

enum { POLL_MS = 1000 };

struct options {
	struct subjects_options who; /* first */
	bool no_topic, progress;
};

#define IN(member) offsetof(struct options, member)
static const struct options_row rows[] = { SUBJECTS_ROWS,
	{ "no-topic", OPTIONS_FLAG, IN(no_topic),
	    .help = "leave out the records on Kafka, which are all read" },
	{ "progress", OPTIONS_FLAG, IN(progress),
	    .help = "show progress even if not on a terminal" },
	{ NULL } };

static const struct options_command command = {
	"subject-export --visitor|--user|--order|--email ID|@FILE|- [ID...]\n"
	"                  [--site SITE] [--no-topic]",
	"Prints an object for each id, one a line: the rows of every table, "
	"the\n"
	"records that were set aside and those on Kafka that are of this\n"
	"customer: who else belongs to an id is followed as by `afterclick\n"
	"forget`. Ids of visitors and users stand in the tables as hashes, in\n"
	"the records as they are.",
	rows, 0, -1
};

/* What was found of one request. */
struct subject {
	struct erased *keys;         /* as a set, under a secret of this run */
	struct buf tables;           /* rows by table, as JSON members */
	struct buf letters, records; /* elements of arrays */
};

struct work {
	struct context c;
	struct options opt;
	struct subjects who;
	struct erase erase;
	struct subject *of; /* by request */
	struct progress progress;
};

static void
element(struct buf *to, struct str json)
{
	if (to->len > 0)
		buf_add_str(to, STR(",\n"));
	buf_add_str(to, json);
}

/* --- tables ----------------------------------------------------------------
 */

static bool
read_tables(struct work *w, size_t i, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;
	struct buf *out = &w->of[i].tables;
	struct str last = STR_EMPTY;

	postgres_arg_int4(&args, (int32_t)i);
	r = postgres_query(w->c.pg, sql_subject_rows, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return false;
	for (size_t k = 0; k < postgres_rows_count(r); k++) {
		struct str table = postgres_text(r, k, 0);

		if (!str_eq(table, last))
			buf_printf(out, "%s\"%.*s\":[\n",
			    last.len > 0 ? "],\n" : "", STR_ARG(table));
		else
			buf_add_str(out, STR(",\n"));
		last = table;
		postgres_show(r, k, 1, out);
	}
	if (last.len > 0)
		buf_add_char(out, ']');
	postgres_rows_free(r);
	return true;
}

static bool
read_keys(struct work *w, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(w->c.pg, sql_subject_keys, NULL, err);

	if (r == NULL)
		return false;
	for (size_t k = 0; k < postgres_rows_count(r); k++) {
		struct erased *to = w->of[postgres_int(r, k, 0)].keys;

		(void)erased_add(to, erased_entry(to, postgres_uuid(r, k, 1)));
	}
	postgres_rows_free(r);
	r = postgres_query(w->c.pg, sql_subject_orders, NULL, err);
	if (r == NULL)
		return false;
	for (size_t k = 0; k < postgres_rows_count(r); k++) {
		struct erased *to = w->of[postgres_int(r, k, 0)].keys;

		(void)erased_add(
		    to, erased_entry(
			    to, person_key(PERSON_ORDER, postgres_text(r, k, 1),
				    postgres_text(r, k, 2))));
	}
	postgres_rows_free(r);
	return true;
}

/* --- records ---------------------------------------------------------------
 */

/* What a record is, for who reads it: the record itself where it is JSON. */
static void
describe(struct str place, struct str record, bool is_json, struct buf *out)
{
	struct json_writer j = json_write(out);

	json_begin_object(&j);
	json_key(&j, STR("place"));
	json_string(&j, place);
	json_key(&j, STR("record"));
	if (is_json)
		json_raw(&j, record);
	else
		json_string(&j, record);
	json_end_object(&j);
}

/* RECORD to all requests that it is of. */
static void
match(struct work *w, struct str place, struct str record, bool letter)
{
	struct arena *arena = w->erase.arena;
	struct buf text = { 0 };
	struct record r;
	struct error err;
	bool good;

	arena_reset(arena);
	good = record_decode(&r, record, arena, &err);
	for (size_t i = 0; i < w->who.count; i++) {
		struct subject *s = &w->of[i];

		if (!(good && erased_names(s->keys, &r)) &&
		    !(letter && erased_in_text(s->keys, w->who.sites,
				    w->who.site_count, record)))
			continue;
		if (text.len == 0)
			describe(place, record, good, &text);
		element(letter ? &s->letters : &s->records, buf_str(&text));
	}
	buf_free(&text);
}

static bool
read_letters(struct work *w, struct error *err)
{
	struct buf topic = { 0 }, place = { 0 };
	int64_t partition = -1, offset = -1;
	size_t n = 1;
	bool ok = true;

	while (ok && n > 0) {
		struct postgres_args args = { 0 };
		struct postgres_rows *r;

		postgres_arg_text(&args, buf_str(&topic));
		postgres_arg_int4(&args, (int32_t)partition);
		postgres_arg_int8(&args, offset);
		r = postgres_query(w->c.pg, sql_erase_dead_letters, &args, err);
		postgres_args_free(&args);
		ok = r != NULL;
		n = ok ? postgres_rows_count(r) : 0;
		for (size_t i = 0; i < n; i++) {
			topic.len = place.len = 0;
			buf_add_str(&topic, postgres_text(r, i, 0));
			partition = postgres_int(r, i, 1);
			offset = postgres_int(r, i, 2);
			buf_printf(&place, "dead letter %.*s %lld:%lld",
			    (int)topic.len, topic.data, (long long)partition,
			    (long long)offset);
			match(
			    w, buf_str(&place), postgres_bytes(r, i, 3), true);
		}
		postgres_rows_free(r);
	}
	buf_free(&topic);
	buf_free(&place);
	return ok;
}

static bool
read_records(
    struct work *w, struct kafka_reader *r, int64_t all, struct error *err)
{
	struct buf place = { 0 };
	int n = 0;

	progress_begin(&w->progress);
	while (n >= 0 && kafka_reader_left(r) > 0) {
		struct kafka_message m[KAFKA_READER_MAX];

		n = kafka_reader_poll(r, m, KAFKA_READER_MAX, POLL_MS, err);
		for (int i = 0; i < n; i++) {
			place.len = 0;
			buf_printf(&place, "%s %d:%lld", w->c.set.topic,
			    (int)m[i].partition, (long long)m[i].offset);
			match(w, buf_str(&place), m[i].value, false);
		}
		if (n > 0)
			kafka_release(m, n);
		progress_show(&w->progress, "reading", "records",
		    all - kafka_reader_left(r), all);
	}
	progress_clear(&w->progress);
	buf_free(&place);
	return n >= 0;
}

static bool
read_topic(struct work *w, struct error *err)
{
	struct kafka_range *range = NULL;
	struct kafka_reader *r = NULL;
	size_t count = 0;
	bool ok = false;

	if (!kafka_ranges(&w->c.set.kafka, w->c.set.topic, &range, &count, err))
		return false;
	r = kafka_reader_open(
	    &w->c.set.kafka, w->c.set.group, w->c.set.topic, range, count, err);
	if (r != NULL)
		ok = read_records(w, r, kafka_reader_left(r), err);
	kafka_reader_close(r);
	free(range);
	return ok;
}

/* --- the whole -------------------------------------------------------------
 */

static bool
collect(struct work *w, struct error *err)
{
	struct erase_counts *n = mem_zero(w->who.count, sizeof(*n));
	bool ok;

	ok = postgres_begin(w->c.pg, err) &&
	     erase_find(&w->erase, w->who.at, w->who.count, n, err) &&
	     read_keys(w, err);
	for (size_t i = 0; ok && i < w->who.count; i++)
		ok = read_tables(w, i, err);
	ok = ok && read_letters(w, err);
	postgres_rollback(w->c.pg);
	free(n);
	return ok && (w->opt.no_topic || read_topic(w, err));
}

static void
show(const struct work *w, struct buf *out)
{
	for (size_t i = 0; i < w->who.count; i++) {
		const struct subject *s = &w->of[i];

		buf_printf(out, "{\"number\":%zu,\"tables\":{", i + 1);
		buf_add_str(out, buf_str(&s->tables));
		buf_add_str(out, STR("},\n\"dead_letters\":["));
		buf_add_str(out, buf_str(&s->letters));
		buf_add_str(out, STR("],\n\"topic\":"));
		if (w->opt.no_topic) {
			buf_add_str(out, STR("null"));
		} else {
			buf_add_char(out, '[');
			buf_add_str(out, buf_str(&s->records));
			buf_add_char(out, ']');
		}
		buf_add_str(out, STR("}\n"));
	}
}

static void
free_subjects(struct work *w)
{
	for (size_t i = 0; w->of != NULL && i < w->who.count; i++) {
		erased_free(w->of[i].keys);
		buf_free(&w->of[i].tables);
		buf_free(&w->of[i].letters);
		buf_free(&w->of[i].records);
	}
	free(w->of);
	free(w->who.at);
}

/* A secret of this run: sets of keys are asked as the list is. */
static struct erased *
nobody(void)
{
	struct erased *e = erased_new();

	erased_make_secret(e);
	return e;
}

int
cli_subject_export(int argc, char **argv, const struct cli *cli)
{
	struct work w = { 0 };
	struct operands operands;
	struct buf out = { 0 };
	struct error err;
	int code;

	if (!options_read(&command, argc, argv, &w.opt, &operands, &code))
		return code;
	w.progress.wanted = w.opt.progress || isatty(STDERR_FILENO);
	w.erase.arena = arena_new(1 << 20);
	w.erase.list = nobody();
	if (!subjects_open(&w.c, cli, false, &w.opt.who, &operands, &w.who,
		&w.erase, &code))
		goto out;
	w.of = mem_zero(w.who.count, sizeof(*w.of));
	for (size_t i = 0; i < w.who.count; i++)
		w.of[i].keys = nobody();
	if (collect(&w, &err)) {
		show(&w, &out);
		code = context_print(&out);
	} else {
		code = context_fail(&err);
	}
out:
	free_subjects(&w);
	erased_free(w.erase.list);
	arena_free(w.erase.arena);
	context_close(&w.c);
	return code;
}
