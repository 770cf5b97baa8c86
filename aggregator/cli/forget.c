/*
 * afterclick forget - erases customers: from the tables at once, from what is
 * read from Kafka or a backup later by the list of the erased. Daily numbers
 * stay as they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/rebuild_topic.h"
#include "aggregator/cli/subjects.h"
#include "aggregator/store/suppressed.h"
#include "common/json.h"
#include "common/kafka.h"
#include "common/process.h"

enum { AT_A_TIME = 500, TRIES = 5 };

struct options {
	struct subjects_options who; /* first */
	bool again, dry_run, json, progress;
};

#define IN(member) offsetof(struct options, member)
static const struct options_row rows[] = { SUBJECTS_ROWS,
	{ "again", OPTIONS_FLAG, IN(again),
	    .help = "erase whom the list names: after a backup was restored" },
	{ "dry-run", OPTIONS_FLAG, IN(dry_run),
	    .help = "say what there is, erase nothing" },
	{ "json", OPTIONS_FLAG, IN(json), .help = "as JSON" },
	{ "progress", OPTIONS_FLAG, IN(progress),
	    .help = "show progress even if not on a terminal" },
	{ NULL } };

static const struct options_command command = {
	"forget --visitor|--user|--order|--email ID|@FILE|- [ID...] "
	"[--site SITE]",
	"Erases customers. From an id all that belongs to it is followed: a\n"
	"visitor's user, all visitors of that user, their addresses and "
	"orders.\n"
	"Touches, links, exposures, receipts of exports and dead letters are\n"
	"deleted; conversions and credits lose every id and their hour, so "
	"that\n"
	"daily numbers stay. The ids go, hashed, to the list of the erased\n"
	"(erased_file): what names one is nobody's when it is read again, "
	"from\n"
	"Kafka, a spool or a backup. Records on Kafka go by its retention.\n"
	"docs/privacy.md says what is left where, and for how long. An id on\n"
	"the command line can be seen by others on this machine: - and @FILE\n"
	"cannot.",
	rows, 0, -1
};

struct work {
	struct context c;
	struct options opt;
	struct subjects who;
	struct erase erase;
	struct erase_counts sum;
	struct progress progress;
	int64_t retention_ms; /* of the topic; -1: for ever */
	bool has_retention;
};

static void
sum_up(struct work *w, const struct erase_counts *n, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		w->sum.visitors += n[i].visitors;
		w->sum.users += n[i].users;
		w->sum.addresses += n[i].addresses;
		w->sum.orders += n[i].orders;
		w->sum.touches += n[i].touches;
		w->sum.conversions += n[i].conversions;
		w->sum.exposures += n[i].exposures;
		w->sum.exports += n[i].exports;
	}
}

static bool
look(struct work *w, const struct erase_request *r, size_t count,
    struct erase_counts *n, struct error *err)
{
	bool ok = postgres_begin(w->c.pg, err) &&
		  erase_find(&w->erase, r, count, n, err);

	postgres_rollback(w->c.pg);
	return ok;
}

/* A group that met another's lock or a moved position is done again. */
static bool
erase_some(struct work *w, const struct erase_request *r, size_t count,
    struct erase_counts *n, struct error *err)
{
	for (int i = 1;; i++) {
		if (erase_group(&w->erase, r, count, n, err))
			return true;
		if (err->kind != ERROR_RETRY || i == TRIES ||
		    postgres_broken(w->c.pg))
			return false;
	}
}

static bool
forget_all(struct work *w, struct error *err)
{
	struct erase_counts n[AT_A_TIME];
	size_t count;

	progress_begin(&w->progress);
	for (size_t i = 0; i < w->who.count; i += count) {
		const struct erase_request *r = w->who.at + i;

		count =
		    w->who.count - i < AT_A_TIME ? w->who.count - i : AT_A_TIME;
		if (w->opt.dry_run ? !look(w, r, count, n, err)
				   : !erase_some(w, r, count, n, err))
			return error_wrap(
			    err, "after %zu of %zu", i, w->who.count);
		sum_up(w, n, count);
		progress_show(&w->progress, "erasing", "ids",
		    (int64_t)(i + count), (int64_t)w->who.count);
	}
	progress_clear(&w->progress);
	return true;
}

/* The list as the tables and the file have it; its secret is on disk before
 * any row is written with it. */
static bool
open_list(struct work *w, struct error *err)
{
	const char *file = w->c.set.erased_file;
	struct erased *list = suppressed_load(w->c.pg, file, err);

	w->erase.list = list;
	if (list == NULL)
		return false;
	if (erased_has_secret(list))
		return true;
	erased_make_secret(list);
	return w->opt.dry_run || erased_save(list, file, err);
}

static bool
run(struct work *w, struct error *err)
{
	struct error drop;
	bool ok;

	w->has_retention = kafka_topic_retention(
	    &w->c.set.kafka, w->c.set.topic, &w->retention_ms, &drop);
	if (!w->opt.dry_run && !erase_open(w->c.pg, err))
		return false;
	if (!open_list(w, err))
		return false;
	ok = w->opt.again ? erase_again(&w->erase, &w->sum, err)
			  : forget_all(w, err);
	/* Also of a run that broke off: what is done is done. */
	if (!w->opt.dry_run &&
	    !erased_save(w->erase.list, w->c.set.erased_file, ok ? err : &drop))
		return false;
	return ok;
}

static void
report(const struct work *w, struct buf *out)
{
	const struct erase_counts *n = &w->sum;
	const struct {
		const char *name;
		int64_t number;
	} lines[] = { { "ids", (int64_t)w->who.count },
		{ "visitors", n->visitors }, { "users", n->users },
		{ "addresses", n->addresses }, { "orders", n->orders },
		{ "touches", n->touches }, { "conversions", n->conversions },
		{ "exposures", n->exposures }, { "exports", n->exports },
		{ "dead_letters", w->erase.dead_letters } };
	struct json_writer j = json_write(out);

	if (w->opt.json) {
		json_begin_object(&j);
		for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
			json_key(&j, str_of(lines[i].name));
			json_int(&j, lines[i].number);
		}
		json_key(&j, STR("erased"));
		json_bool(&j, !w->opt.dry_run);
		json_key(&j, STR("topic_retention_ms"));
		if (w->has_retention)
			json_int(&j, w->retention_ms);
		else
			json_null(&j);
		json_end_object(&j);
		buf_add_char(out, '\n');
		return;
	}
	buf_printf(out, "%s\n", w->opt.dry_run ? "to be erased:" : "erased:");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		buf_printf(out, "%12lld %s\n", (long long)lines[i].number,
		    lines[i].name);
	if (n->exports > 0)
		buf_printf(out,
		    "%lld conversions had been sent to ad platforms: ask them "
		    "to erase theirs\n",
		    (long long)n->exports);
	if (!w->has_retention)
		buf_add_str(out, STR("Kafka did not say how long the topic "
				     "keeps records\n"));
	else if (w->retention_ms < 0)
		buf_add_str(out, STR("the topic keeps records for ever: set "
				     "its retention.ms, or they stay there\n"));
	else
		buf_printf(out,
		    "records on Kafka go within %lld days by the topic's "
		    "retention\n",
		    (long long)((w->retention_ms + 86399999) / 86400000));
}

int
cli_forget(int argc, char **argv, const struct cli *cli)
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
	if (!subjects_open(&w.c, cli, w.opt.again, &w.opt.who, &operands,
		&w.who, &w.erase, &code))
		goto out;
	if (run(&w, &err)) {
		report(&w, &out);
		code = context_print(&out);
	} else {
		progress_clear(&w.progress);
		code = context_fail(&err);
	}
out:
	erased_free(w.erase.list);
	arena_free(w.erase.arena);
	free(w.who.at);
	context_close(&w.c);
	return code;
}
