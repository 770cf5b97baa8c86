/*
 * afterclick import-conversions - conversions that happened elsewhere or
 * late, and adjustments of orders, on the one way all hits take: signed,
 * through the collector.
 *
 * Ids are deterministic, so a file sent twice, or again after a failure
 * half-way, counts nothing twice. An adjustment becomes the refund that
 * brings its order to the value asked for.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/conversion_rows.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/sender.h"
#include "aggregator/store/sql.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/postgres.h"
#include "common/process.h"

#define GIVE_UP_MS 60000
#define IN_FLIGHT 4
#define DEFAULT_COLLECTOR "http://127.0.0.1:8080"
#define SEEN_FIRST 4096 /* places for ids, a power of two */

struct choice {
	const char *site, *collector, *map;
	bool strict, dry_run, json, progress;
};
#define ROW(name, kind, member, value, help)                                   \
	{                                                                      \
		name, OPTIONS_##kind, offsetof(struct choice, member), value,  \
		    help, false, NULL                                          \
	}
static const struct options_row options[] = {
	{ "site", OPTIONS_TEXT, offsetof(struct choice, site), "SITE",
	    "site the conversions belong to", true, NULL },
	ROW("collector", TEXT, collector, "URL",
	    "default: $COLLECTOR_URL, else " DEFAULT_COLLECTOR),
	ROW("map", TEXT, map, "COLUMN=TITLE,...",
	    "titles of columns that the file calls otherwise"),
	ROW("strict", FLAG, strict, NULL, "send nothing if a row is wrong"),
	ROW("dry-run", FLAG, dry_run, NULL, "check and count, send nothing"),
	ROW("json", FLAG, json, NULL, "counts as JSON"),
	ROW("progress", FLAG, progress, NULL,
	    "show progress even if not on a terminal"),
	{ NULL, OPTIONS_FLAG, 0, NULL, NULL, false, NULL },
};
static const struct options_command command = {
	.usage = "import-conversions FILE|- --site SITE [--collector URL]\n"
		 "       [--map COLUMN=TITLE,...] [--strict] [--dry-run] "
		 "[--json]",
	.summary =
	    "Sends offline and late conversions and adjustments (restate, "
	    "retract),\n"
	    "CSV with a head or JSON a line, gzipped or not, through the "
	    "collector.\n"
	    "Sending the same file again changes nothing.",
	.rows = options,
	.least = 1,
	.most = 1,
};

struct import {
	struct choice choice;
	struct context c;
	const struct site *site;
	const char *file;
	struct rows_map map;
	struct rows *rows;
	struct sender *sender; /* NULL: only checking */
	struct buf event;
	struct postgres_copy *copy; /* of adjustments, from the first one on */
	int64_t now_ms;
	int64_t events, adjustments, refunds, unchanged, repeats;
	uint64_t *seen; /* ids of this file, open addressing; 0 is free */
	size_t seen_count, seen_room;
};

/* Counts a row that says what an earlier one said. */
static void
note(struct import *im, struct hash128 id)
{
	uint64_t key = id.lo | 1, *old = im->seen;
	size_t room = im->seen_room, at;

	if (2 * (im->seen_count + 1) > room) {
		im->seen_room = room ? 2 * room : SEEN_FIRST;
		im->seen = mem_zero(im->seen_room, sizeof(*im->seen));
		for (size_t i = 0; i < room; i++) {
			if (old[i] == 0)
				continue;
			at = old[i] >> 1 & (im->seen_room - 1);
			while (im->seen[at] != 0)
				at = (at + 1) & (im->seen_room - 1);
			im->seen[at] = old[i];
		}
		free(old);
	}
	for (at = key >> 1 & (im->seen_room - 1); im->seen[at] != 0;
	     at = (at + 1) & (im->seen_room - 1)) {
		if (im->seen[at] == key) {
			im->repeats++;
			return;
		}
	}
	im->seen[at] = key;
	im->seen_count++;
}

static void
on_rejected(void *ctx, uint64_t tag, struct str reason)
{
	struct import *im = ctx;

	rows_refuse_at(
	    im->rows, (int64_t)tag, "refused by the collector", reason);
}

/* --- adjustments ---------------------------------------------------------- */

static bool
stage_adjustment(
    struct import *im, const struct conversion_row *row, struct error *err)
{
	char id[48];
	int code;

	/* Only adjustments need to know what the tables hold. */
	if (im->c.pg == NULL && !context_postgres(&im->c, true, &code))
		return error_set(err, ERROR_FATAL,
		    "adjustments need the database; nothing of them was sent");
	if (im->copy == NULL) {
		if (!postgres_script(im->c.pg, sql_adjust_stage, err) ||
		    !postgres_begin(im->c.pg, err))
			return false;
		im->copy =
		    postgres_copy_open(im->c.pg, sql_adjust_stage_copy, err);
		if (im->copy == NULL)
			return false;
	}
	snprintf(id, sizeof(id), "adjust.%016" PRIx64 "%016" PRIx64, row->id.hi,
	    row->id.lo);
	postgres_copy_row(im->copy, 6);
	postgres_copy_int8(im->copy, rows_line(im->rows));
	postgres_copy_text(im->copy, str_of(id));
	postgres_copy_text(im->copy, row->order_id);
	postgres_copy_time(im->copy, row->time_ms);
	postgres_copy_int8(im->copy, row->value_micros);
	postgres_copy_text(im->copy, row->currency);
	im->adjustments++;
	return true;
}

static bool
send(struct import *im, int64_t line, struct error *err)
{
	return im->sender == NULL ||
	       sender_add(im->sender, buf_str(&im->event), (uint64_t)line, err);
}

static bool
send_refund(struct import *im, const struct postgres_rows *r, size_t i,
    struct error *err)
{
	struct json_writer w = json_write(&im->event);

	im->event.len = 0;
	json_begin_object(&w);
	json_key(&w, STR("type"));
	json_string(&w, STR("refund"));
	json_key(&w, STR("site"));
	json_string(&w, str_of(im->site->id));
	json_key(&w, STR("event_id"));
	json_string(&w, postgres_text(r, i, 1));
	json_key(&w, STR("refund_id"));
	json_string(&w, postgres_text(r, i, 1));
	json_key(&w, STR("order_id"));
	json_string(&w, postgres_text(r, i, 2));
	json_key(&w, STR("time"));
	json_int(&w, postgres_time(r, i, 3));
	json_key(&w, STR("currency"));
	json_string(&w, postgres_text(r, i, 7));
	json_key(&w, STR("value"));
	json_micros(&w, postgres_int(r, i, 10));
	json_end_object(&w);
	im->refunds++;
	return send(im, postgres_int(r, i, 0), err);
}

/* Row I of adjust_refunds: refused, nothing to do, or a refund. */
static bool
adjust(struct import *im, const struct postgres_rows *r, size_t i,
    struct error *err)
{
	int64_t line = postgres_int(r, i, 0);
	const char *why = NULL;

	if (!postgres_bool(r, i, 4))
		why = "no such order in the tables; if it was sent just now, "
		      "import again once `afterclick lag --wait` is done";
	else if (postgres_bool(r, i, 5))
		why = "earlier than the order itself";
	else if (postgres_bool(r, i, 6))
		why = "another currency than the order's";
	else if (postgres_int(r, i, 10) < 0)
		why = "above the order's present value: only less can be "
		      "restated; send what was added as a conversion with an "
		      "order id of its own";
	if (why != NULL) {
		rows_refuse_at(im->rows, line, "", str_of(why));
		return true;
	}
	if (postgres_int(r, i, 10) > 0)
		return send_refund(im, r, i, err);
	im->unchanged++;
	return true;
}

/* Turns the adjustments that were staged into refunds, by what the tables
 * say of their orders. */
static bool
send_adjustments(struct import *im, struct error *err)
{
	struct postgres_args args = { .count = 0 };
	struct postgres_rows *r = NULL;
	bool ok = true;

	if (im->copy == NULL)
		return true;
	ok = postgres_copy_close(im->copy, err);
	im->copy = NULL;
	postgres_arg_text(&args, str_of(im->site->id));
	if (ok)
		r = postgres_query(im->c.pg, sql_adjust_refunds, &args, err);
	ok = r != NULL;
	for (size_t i = 0; ok && i < postgres_rows_count(r); i++)
		ok = adjust(im, r, i, err);
	postgres_rows_free(r);
	postgres_args_free(&args);
	postgres_rollback(im->c.pg);
	return ok;
}

/* --- the file ------------------------------------------------------------- */

/* One reading: of all rows, those sent that are good if there is a sender. */
static bool
read_all(struct import *im, struct error *err)
{
	struct str values[CONVERSION_COLUMNS_MAX];
	struct conversion_row row;
	enum rows_step step;
	bool ok = true;

	im->events = im->adjustments = im->refunds = im->unchanged = 0;
	im->repeats = 0;
	im->seen_count = 0;
	if (im->seen != NULL)
		memset(im->seen, 0, im->seen_room * sizeof(*im->seen));
	rows_close(im->rows);
	im->rows = rows_open(im->file, conversion_columns, &im->map);
	if (im->rows == NULL)
		return error_set(err, ERROR_FATAL, "%s is not read", im->file);
	if (im->choice.progress)
		rows_progress(im->rows);
	while (ok && !process_stopping() &&
	       (step = rows_next(im->rows, values)) != ROWS_END) {
		if (step == ROWS_FAILED) {
			ok = error_set(err, ERROR_FATAL,
			    "%s was not read whole", im->file);
			break;
		}
		if (!conversion_row_read(im->rows, values, im->site, im->now_ms,
			&row, &im->event))
			continue;
		note(im, row.id);
		if (row.adjusts) {
			ok = stage_adjustment(im, &row, err);
			continue;
		}
		im->events++;
		ok = send(im, rows_line(im->rows), err);
	}
	ok = ok && !process_stopping() && send_adjustments(im, err);
	postgres_copy_cancel(im->copy);
	im->copy = NULL;
	return ok;
}

static int
summary(const struct import *im, struct sender_counts sent, bool undone)
{
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);
	const struct {
		const char *name, *text;
		int64_t value;
		bool always;
	} row[] = {
		{ "rows", "rows", rows_count(im->rows), true },
		{ "events", "conversions and other events", im->events, true },
		{ "adjustments", "adjustments", im->adjustments, false },
		{ "refunds", "refunds made of them", im->refunds, false },
		{ "unchanged", "of them already at their value", im->unchanged,
		    false },
		{ "repeats", "rows that repeat another and count once",
		    im->repeats, false },
		{ "refused", "rows refused, reported above",
		    rows_refused(im->rows), true },
		{ "accepted", "taken by the collector", (int64_t)sent.accepted,
		    true },
		{ "retries", "batches sent again", (int64_t)sent.retries,
		    false },
	};

	if (im->choice.json) {
		json_begin_object(&w);
		json_key(&w, STR("file"));
		json_string(&w, str_of(im->file));
		for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			json_key(&w, str_of(row[i].name));
			json_int(&w, row[i].value);
		}
		json_key(&w, STR("sent"));
		json_bool(&w, im->sender != NULL);
		json_end_object(&w);
		buf_add_char(&out, '\n');
		return context_print(&out);
	}
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (row[i].always || row[i].value > 0)
			buf_printf(&out, "%10lld  %s\n",
			    (long long)row[i].value, row[i].text);
	}
	if (im->sender == NULL)
		buf_printf(&out, "nothing was sent (%s)\n",
		    undone ? "--strict" : "--dry-run");
	return context_print(&out);
}

static int
run(struct import *im)
{
	struct sender_settings set = { .url = im->choice.collector,
		.in_flight = IN_FLIGHT,
		.give_up_ms = GIVE_UP_MS,
		.rejected = on_rejected,
		.ctx = im };
	struct sender_counts sent = { 0 };
	struct error err = { 0 };
	bool ok = true, undone = false,
	     check = im->choice.strict || im->choice.dry_run;
	int code;

	if (check)
		ok = read_all(im, &err);
	undone = ok && im->choice.strict && rows_refused(im->rows) > 0;
	if (ok && !im->choice.dry_run && !undone) {
		set.key = str_of(im->site->api_keys.at[0]);
		im->sender = sender_open(&set, &err);
		ok = im->sender != NULL && read_all(im, &err) &&
		     sender_finish(im->sender, &err);
		if (im->sender != NULL)
			sent = sender_counts(im->sender);
	}
	if (!ok)
		fprintf(stderr, "afterclick: %s\n",
		    process_stopping() ? "stopped; the same command again "
					 "goes on, nothing counts twice"
				       : err.text);
	if (im->rows == NULL)
		return EXIT_FAILED;
	code = summary(im, sent, undone);
	return ok && code == EXIT_OK && rows_refused(im->rows) == 0
		   ? EXIT_OK
		   : EXIT_FAILED;
}

/* The site, its key and the way; false: *CODE and told. */
static bool
prepare(struct import *im, int *code)
{
	*code = EXIT_CONFIG;
	im->site = sites_find(&im->c.sites, str_of(im->choice.site));
	if (im->site == NULL) {
		fprintf(stderr, "afterclick: no site %s in %s\n",
		    im->choice.site, im->c.set.sites_file);
		*code = EXIT_USAGE;
		return false;
	}
	if (im->site->api_keys.count == 0 && !im->choice.dry_run) {
		fprintf(stderr,
		    "afterclick: site %s has no api_keys in %s to sign with\n",
		    im->choice.site, im->c.set.sites_file);
		return false;
	}
	if (im->choice.collector == NULL)
		im->choice.collector = getenv("COLLECTOR_URL");
	if (im->choice.collector == NULL || im->choice.collector[0] == '\0')
		im->choice.collector = DEFAULT_COLLECTOR;
	im->now_ms = clock_wall_ms();
	return true;
}

int
cli_import_conversions(int argc, char **argv, const struct cli *cli)
{
	struct import im = { .choice = { .map = "" } };
	struct operands files;
	int code;

	if (!options_read(&command, argc, argv, &im.choice, &files, &code))
		return code;
	im.file = files.at[0];
	if (im.choice.map[0] &&
	    !rows_map_add(&im.map, im.choice.map, conversion_columns))
		return EXIT_USAGE;
	if (im.choice.strict && strcmp(im.file, "-") == 0) {
		fprintf(stderr,
		    "afterclick: --strict must read the file twice, which "
		    "standard input cannot\n");
		return EXIT_USAGE;
	}
	if (context_settings(&im.c, cli, &code) &&
	    context_sites(&im.c, &code) && prepare(&im, &code))
		code = run(&im);
	rows_close(im.rows);
	sender_close(im.sender);
	buf_free(&im.event);
	free(im.seen);
	context_close(&im.c);
	return code;
}
