/*
 * afterclick rebuild - the tables once more from the events on Kafka, by the
 * rules of now, while the aggregators go on; what differs is shown, then the
 * rebuilt tables take the place of the old ones.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/print.h"
#include "aggregator/cli/rebuild_topic.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/clock.h"
#include "common/json.h"
#include "common/process.h"

enum { SHOWN = 100, SWAP_TRIES = 20 };

struct options {
	int32_t from;
	bool dry_run, json, anew, progress;
};

static const struct options_row rows[] = {
	{ "from", OPTIONS_DAY, offsetof(struct options, from), .value = "DAY",
	    .help = "take earlier days over as they stand" },
	{ "dry-run", OPTIONS_FLAG, offsetof(struct options, dry_run),
	    .help = "show what would differ, and leave the tables alone" },
	{ "anew", OPTIONS_FLAG, offsetof(struct options, anew),
	    .help = "do not go on with one that was interrupted" },
	{ "json", OPTIONS_FLAG, offsetof(struct options, json),
	    .help = "as JSON, with every difference" },
	{ "progress", OPTIONS_FLAG, offsetof(struct options, progress),
	    .help = "show progress even if not on a terminal" },
	{ NULL }
};

static const struct options_command command = {
	"rebuild [--from DAY] [--dry-run] [--anew] [--json]",
	"Reads the topic from its beginning, or all that happened from DAY "
	"on,\n"
	"makes the tables anew by the sites, channels and campaigns of now,\n"
	"shows where they differ and puts them in place in one transaction.\n"
	"Aggregators may run; they go on from where the rebuilt tables are.\n"
	"Costs, rates, orders, pinned models, receipts and the log of\n"
	"restatements stay. Killed, it goes on where it was when called again.",
	rows, 0, 0
};

#define NO_DAY INT32_MIN

struct work {
	struct context c;
	struct options opt;
	struct rules *rules;
	struct rebuild_plan plan;
	struct progress progress;
	int64_t records, began_ms, read_ms;
	bool resumed, swapped;
};

/* --- what decides the numbers --------------------------------------------- */

static bool
load_rules(struct work *w, int *code)
{
	struct buf problems = { 0 };

	w->rules = rules_load(w->c.set.channels_file, &problems);
	if (w->rules != NULL &&
	    rules_add_goals(w->rules, &w->c.sites, &problems) &&
	    rules_name_campaigns(
		w->rules, w->c.set.campaigns_file, &problems)) {
		buf_free(&problems);
		return true;
	}
	fprintf(stderr, "%s", buf_text(&problems));
	buf_free(&problems);
	*code = EXIT_CONFIG;
	return false;
}

static void
add_file(struct buf *text, const char *name)
{
	char part[4096];
	FILE *f = name[0] != '\0' ? fopen(name, "re") : NULL;
	size_t n;

	buf_add_char(text, '\f');
	while (f != NULL && (n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(text, part, n);
	if (f != NULL)
		fclose(f);
}

/* One that was interrupted goes on only by the same rules. */
static struct str
digest_of(struct work *w)
{
	char *hex = arena_alloc(w->c.arena, 2 * SHA256_BYTES + 1);
	uint8_t hash[SHA256_BYTES];
	struct buf text = { 0 };

	buf_printf(&text, "%s\f%s", AFTERCLICK_VERSION, w->plan.topic);
	add_file(&text, w->c.set.sites_file);
	add_file(&text, w->c.set.channels_file);
	add_file(&text, w->c.set.campaigns_file);
	digest_sha256(buf_str(&text), hash);
	digest_hex(hash, sizeof(hash), hex);
	buf_free(&text);
	return str_of(hex);
}

/* --- the phases ----------------------------------------------------------- */

static bool
begin(struct work *w, enum rebuild_phase *phase, struct error *err)
{
	struct kafka_range *range = NULL;
	size_t count;
	bool ok;

	if (!rebuild_open(w->c.pg, err) ||
	    !rebuild_find(w->c.pg, &w->plan, &w->resumed, phase, err))
		return false;
	if (w->resumed && (!w->opt.anew || *phase == REBUILD_SWAPPED))
		return true;
	w->resumed = false;
	*phase = REBUILD_READ;
	ok = rebuild_topic_plan(&w->c, &w->plan, &range, &count, err) &&
	     rebuild_begin(w->c.pg, &w->plan, &w->c.sites, range, count, err);
	free(range);
	return ok;
}

static void
say(struct work *w, const char *what)
{
	if (w->progress.wanted)
		fprintf(stderr, "\r%s\033[K", what);
}

static void
told(void *ctx, size_t done, size_t all)
{
	struct work *w = ctx;

	progress_show(&w->progress, "attributing", "customers", (int64_t)done,
	    (int64_t)all);
}

static bool
build(struct work *w, enum rebuild_phase phase, struct error *err)
{
	int64_t began = clock_mono_ms();

	if (phase == REBUILD_READ) {
		if (!rebuild_topic_read(&w->c, &w->plan, w->rules, &w->progress,
			&w->records, err))
			return false;
		w->read_ms = clock_mono_ms() - began;
		phase = REBUILD_MERGE;
	}
	say(w, "merging");
	if (phase == REBUILD_MERGE) {
		if (!rebuild_merge(w->c.pg, err))
			return false;
		phase = REBUILD_ATTRIBUTE;
	}
	progress_begin(&w->progress);
	if (phase == REBUILD_ATTRIBUTE) {
		if (!rebuild_attribute(
			w->c.pg, &w->c.sites, w->plan.has_from, told, w, err))
			return false;
		phase = REBUILD_FINISH;
	}
	say(w, "comparing");
	return phase != REBUILD_FINISH ||
	       rebuild_finish(w->c.pg, &w->c.sites, w->rules, err);
}

/* Long queries of others hold the live tables: tried again for a minute. */
static bool
swap(struct work *w, struct error *err)
{
	for (int i = 0; i < SWAP_TRIES; i++) {
		say(w, "taking the place of the tables");
		if (rebuild_swap(w->c.pg, err)) {
			w->swapped = true;
			return true;
		}
		if (err->kind != ERROR_RETRY)
			return false;
		poll(NULL, 0, 500);
	}
	return error_wrap(err,
	    "the rebuilt tables are ready, but could not be put in place; "
	    "call it again");
}

/* --- telling -------------------------------------------------------------- */

static struct postgres_rows *
differences(struct work *w, int64_t most, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;

	if (most > 0)
		postgres_arg_int8(&args, most);
	else
		postgres_arg_null(&args);
	r = postgres_query(w->c.pg, sql_rebuild_differences, &args, err);
	postgres_args_free(&args);
	return r;
}

static void
tell_json(const struct work *w, const struct postgres_rows *n,
    const struct postgres_rows *d, int64_t ms, struct buf *out)
{
	struct json_writer j = json_write(out);
	const struct {
		const char *name;
		int64_t value;
	} row[] = {
		{ "records", w->records },
		{ "read_ms", w->read_ms },
		{ "built_ms", ms },
		{ "touches", postgres_int(n, 0, 0) },
		{ "conversions", postgres_int(n, 0, 1) },
		{ "cells_changed", postgres_int(n, 0, 2) },
		{ "channels_changed", postgres_int(n, 0, 3) },
		{ "customers_waiting", postgres_int(n, 0, 4) },
	};

	json_begin_object(&j);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		json_key(&j, str_of(row[i].name));
		json_int(&j, row[i].value);
	}
	json_key(&j, STR("resumed"));
	json_bool(&j, w->resumed);
	json_key(&j, STR("swapped"));
	json_bool(&j, !w->opt.dry_run);
	json_key(&j, STR("differences"));
	json_begin_array(&j);
	for (size_t i = 0; i < postgres_rows_count(d); i++)
		print_json(d, i, &j);
	json_end_array(&j);
	json_end_object(&j);
	buf_add_char(out, '\n');
}

static void
tell_text(const struct work *w, const struct postgres_rows *n,
    const struct postgres_rows *d, int64_t ms, struct buf *out)
{
	if (postgres_rows_count(d) > 0) {
		print_table(d, out);
		buf_add_char(out, '\n');
		if (postgres_rows_count(d) == SHOWN)
			buf_printf(out,
			    "the first %d differences; --json has all\n",
			    SHOWN);
	}
	buf_printf(out,
	    "%lld records read in %.1f s, %lld touches and %lld conversions "
	    "built in %.1f s\n",
	    (long long)w->records, (double)w->read_ms / 1000,
	    (long long)postgres_int(n, 0, 0), (long long)postgres_int(n, 0, 1),
	    (double)ms / 1000);
	buf_printf(out, "%lld daily cells and %lld channels differ\n",
	    (long long)postgres_int(n, 0, 2), (long long)postgres_int(n, 0, 3));
	if (postgres_int(n, 0, 4) > 0)
		buf_printf(out,
		    "%lld customers waited to be attributed as it began: some "
		    "differences are theirs\n",
		    (long long)postgres_int(n, 0, 4));
}

/* Shows what differs, before anything is changed. */
static bool
tell(struct work *w, struct buf *out, struct error *err)
{
	int64_t ms = clock_mono_ms() - w->began_ms;
	struct postgres_rows *n =
	    postgres_query(w->c.pg, sql_rebuild_counts, NULL, err);
	struct postgres_rows *d =
	    n != NULL ? differences(w, w->opt.json ? 0 : SHOWN, err) : NULL;

	if (d != NULL && w->opt.json)
		tell_json(w, n, d, ms, out);
	else if (d != NULL)
		tell_text(w, n, d, ms, out);
	postgres_rows_free(n);
	postgres_rows_free(d);
	return d != NULL;
}

/* --- the command ---------------------------------------------------------- */

static bool
rebuild(struct work *w, struct buf *out, struct error *err)
{
	enum rebuild_phase phase;

	if (!begin(w, &phase, err))
		return false;
	if (phase != REBUILD_SWAPPED) {
		if (!build(w, phase, err))
			return false;
		progress_clear(&w->progress);
		if (!tell(w, out, err))
			return false;
		if (!w->opt.dry_run && !swap(w, err))
			return false;
		progress_clear(&w->progress);
	}
	if (!w->opt.json && !w->opt.dry_run)
		buf_add_str(out, STR("the rebuilt tables are in place\n"));
	else if (!w->opt.json)
		buf_add_str(out, STR("dry run: the tables are as before\n"));
	return rebuild_clean(w->c.pg, err);
}

int
cli_rebuild(int argc, char **argv, const struct cli *cli)
{
	struct work w = { .opt = { .from = NO_DAY } };
	struct operands operands;
	struct buf out = { 0 };
	struct error err;
	int code;

	if (!options_read(&command, argc, argv, &w.opt, &operands, &code))
		return code;
	w.began_ms = clock_mono_ms();
	w.progress.wanted = w.opt.progress || isatty(STDERR_FILENO);
	if (!context_settings(&w.c, cli, &code) ||
	    !context_sites(&w.c, &code) || !load_rules(&w, &code) ||
	    !context_postgres(&w.c, true, &code))
		goto out;
	w.plan = (struct rebuild_plan){ .topic = w.c.set.topic,
		.has_from = w.opt.from != NO_DAY,
		.from_day = w.opt.from };
	w.plan.rules = digest_of(&w);
	if (rebuild(&w, &out, &err)) {
		code = context_print(&out);
	} else {
		progress_clear(&w.progress);
		if (w.swapped)
			code = context_print(&out);
		buf_free(&out);
		code = context_fail(&err);
	}
out:
	rules_free(w.rules);
	context_close(&w.c);
	return code;
}
