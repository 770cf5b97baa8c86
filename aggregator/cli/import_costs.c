/*
 * afterclick import-costs - what the campaigns cost, from CSV files.
 *
 * A file is one transaction. Importing it again changes nothing; importing
 * a corrected one replaces the rows it names and keeps the old in
 * cost_history. An amount in a currency without a rate is stored and waits
 * where one can see it: it is never counted one to one.
 */
#include <stdio.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/input.h"
#include "aggregator/cli/options.h"
#include "aggregator/journey/classify.h"
#include "aggregator/store/sql.h"
#include "common/calendar.h"
#include "common/currency.h"
#include "common/json.h"
#include "common/postgres.h"
#include "common/process.h"

#define NAME_BYTES 200 /* as of a hit's source, medium and campaign */

struct options {
	const char *platform, *site, *currency, *account;
	bool dry_run, json, strict;
};

static const struct options_row rows[] = {
	{ "platform", OPTIONS_TEXT, offsetof(struct options, platform),
	    .value = "NAME", .help = "format of the files; default generic" },
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), .value = "SITE",
	    .help = "site the costs belong to", .required = true },
	{ "currency", OPTIONS_TEXT, offsetof(struct options, currency),
	    .value = "CODE",
	    .help = "of amounts whose row names none; default the site's" },
	{ "account", OPTIONS_TEXT, offsetof(struct options, account),
	    .value = "NAME", .help = "account on the platform" },
	{ "strict", OPTIONS_FLAG, offsetof(struct options, strict),
	    .help = "import nothing of a file with a wrong row" },
	{ "dry-run", OPTIONS_FLAG, offsetof(struct options, dry_run),
	    .help = "check and count, but change nothing" },
	{ "json", OPTIONS_FLAG, offsetof(struct options, json),
	    .help = "counts as JSON, one line a file" },
	{ NULL }
};

static const struct options_command command = {
	"import-costs --platform generic --site SITE [--currency CODE]\n"
	"       [--account NAME] [--strict] [--dry-run] [--json] FILE...|-",
	"Reads what campaigns cost. CSV with the columns date, source, "
	"medium,\n"
	"campaign and cost, and if there are: campaign_id, clicks, "
	"impressions,\n"
	"currency. A newer import of a day and campaign replaces the older.",
	rows, 1, -1
};

enum {
	DATE,
	SOURCE,
	MEDIUM,
	CAMPAIGN,
	COST,
	CAMPAIGN_ID,
	CLICKS,
	IMPRESSIONS,
	CURRENCY
};
static const struct input_column columns[] = {
	[DATE] = { "date", "day", true },
	[SOURCE] = { "source", "utm_source", true },
	[MEDIUM] = { "medium", "utm_medium", true },
	[CAMPAIGN] = { "campaign", "utm_campaign", true },
	[COST] = { "cost", "spend", true },
	[CAMPAIGN_ID] = { "campaign_id", "utm_id", false },
	[CLICKS] = { "clicks", NULL, false },
	[IMPRESSIONS] = { "impressions", NULL, false },
	[CURRENCY] = { "currency", NULL, false },
	{ NULL, NULL, false },
};

struct import {
	struct context c;
	struct options opt;
	const struct site *site;
	struct rules *rules;
	struct arena *arena; /* of one row */
};

/* What became of a file's rows. */
struct counts {
	int64_t rows, refused, inserted, updated, unchanged, waiting;
};

struct cost_row {
	int32_t day;
	struct origin origin;
	struct str campaign_id, currency;
	int64_t micros;
	int64_t clicks, impressions; /* -1: not given */
};

/* A count that may be absent. */
static bool
read_count(struct input *in, int column, int64_t *n)
{
	struct str text = input_value(in, column);

	*n = -1;
	return text.len == 0 || str_int(text, 0, INT64_C(1) << 53, n) ||
	       input_refuse(in, columns[column].name, "not a whole number");
}

static bool
read_names(const struct import *im, struct input *in, struct cost_row *row)
{
	for (int i = SOURCE; i <= CAMPAIGN; i++) {
		if (input_value(in, i).len > NAME_BYTES)
			return input_refuse(
			    in, columns[i].name, "longer than 200 bytes");
	}
	if (input_value(in, SOURCE).len == 0)
		return input_refuse(in, "source", "empty");
	row->campaign_id = input_value(in, CAMPAIGN_ID);
	if (row->campaign_id.len > NAME_BYTES)
		return input_refuse(in, "campaign_id", "longer than 200 bytes");
	classify_names(im->rules, input_value(in, SOURCE),
	    input_value(in, MEDIUM), input_value(in, CAMPAIGN), im->arena,
	    &row->origin);
	return true;
}

static bool
read_row(const struct import *im, struct input *in, struct cost_row *row)
{
	if (!calendar_parse_day(input_value(in, DATE), &row->day))
		return input_refuse(in, "date", "not a day: YYYY-MM-DD");
	if (!str_micros(input_value(in, COST), &row->micros))
		return input_refuse(
		    in, "cost", "not a decimal number of at most six places");
	if (row->micros < 0)
		return input_refuse(in, "cost", "negative");
	row->currency = input_value(in, CURRENCY);
	if (row->currency.len == 0)
		row->currency = str_of(im->opt.currency);
	if (!currency_is_code(row->currency))
		return input_refuse(
		    in, "currency", "not a code of ISO 4217 such as EUR");
	return read_count(in, CLICKS, &row->clicks) &&
	       read_count(in, IMPRESSIONS, &row->impressions) &&
	       read_names(im, in, row);
}

static void
copy_count(struct postgres_copy *copy, int64_t n)
{
	if (n < 0)
		postgres_copy_null(copy);
	else
		postgres_copy_int8(copy, n);
}

static void
copy_row(struct postgres_copy *copy, int64_t line, const struct cost_row *row)
{
	postgres_copy_row(copy, 11);
	postgres_copy_int8(copy, line);
	postgres_copy_day(copy, row->day);
	postgres_copy_text(copy, row->origin.source);
	postgres_copy_text(copy, row->origin.medium);
	postgres_copy_text(copy, row->origin.campaign);
	postgres_copy_text(copy, row->campaign_id);
	postgres_copy_text(copy, row->origin.channel);
	postgres_copy_int8(copy, row->micros);
	postgres_copy_text(copy, row->currency);
	copy_count(copy, row->clicks);
	copy_count(copy, row->impressions);
}

/* All good rows of IN into the staging table. */
static bool
stage(struct import *im, struct input *in, struct error *err)
{
	struct postgres_copy *copy;
	struct cost_row row;
	enum csv_result result;

	copy = postgres_copy_open(im->c.pg, sql_cost_stage_copy, err);
	if (copy == NULL)
		return false;
	while ((result = input_next(in)) == CSV_ROW) {
		arena_reset(im->arena);
		if (read_row(im, in, &row))
			copy_row(copy, in->row.line, &row);
	}
	if (result == CSV_FAILED) {
		postgres_copy_cancel(copy);
		return error_set(
		    err, ERROR_FATAL, "%s: not read whole", in->name);
	}
	return postgres_copy_close(copy, err);
}

/* Refuses rows that name a day and campaign a second time. */
static bool
refuse_repeats(struct import *im, struct input *in, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(im->c.pg, sql_cost_stage_repeats, NULL, err);
	char what[80];

	if (r == NULL)
		return false;
	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		snprintf(what, sizeof(what),
		    "the same day and campaign as line %lld",
		    (long long)postgres_int(r, i, 1));
		in->row.line = postgres_int(r, i, 0);
		input_refuse(in, "campaign", what);
	}
	postgres_rows_free(r);
	return true;
}

/* Platform, account and site, as the statements below want them. */
static void
key_args(const struct import *im, struct postgres_args *args)
{
	postgres_args_reset(args);
	postgres_arg_text(args, str_of(im->opt.platform));
	postgres_arg_text(args, str_of(im->opt.account));
	postgres_arg_text(args, str_of(im->site->id));
}

/* The integers of SQL's only row into A and B (NULL: one column). */
static bool
ask_ints(struct postgres *pg, const char *sql, const struct postgres_args *args,
    int64_t *a, int64_t *b, struct error *err)
{
	struct postgres_rows *r = postgres_query(pg, sql, args, err);

	if (r == NULL)
		return false;
	*a = postgres_int(r, 0, 0);
	if (b != NULL)
		*b = postgres_int(r, 0, 1);
	postgres_rows_free(r);
	return true;
}

static bool
merge(struct import *im, const struct input *in, struct counts *n,
    struct error *err)
{
	struct postgres *pg = im->c.pg;
	struct postgres_args args = { .count = 0 };
	int64_t import_id;
	bool ok = false;

	postgres_arg_text(&args, str_of(im->site->id));
	if (!postgres_exec(pg, sql_cost_dimensions, &args, NULL, err))
		goto out;
	key_args(im, &args);
	postgres_arg_text(&args, str_of(in->name));
	postgres_arg_int8(&args, in->refused);
	if (!ask_ints(
		pg, sql_cost_import_add, &args, &import_id, &n->rows, err))
		goto out;
	key_args(im, &args);
	postgres_arg_int8(&args, import_id);
	if (!postgres_exec(pg, sql_cost_archive, &args, NULL, err))
		goto out;
	postgres_arg_text(&args, str_of(im->site->currency));
	if (!ask_ints(
		pg, sql_cost_merge, &args, &n->inserted, &n->updated, err))
		goto out;
	key_args(im, &args);
	if (!ask_ints(pg, sql_cost_waiting, &args, &n->waiting, NULL, err))
		goto out;
	n->unchanged = n->rows - n->inserted - n->updated;
	ok = true;
out:
	postgres_args_free(&args);
	return ok;
}

static bool
import_rows(
    struct import *im, struct input *in, struct counts *n, struct error *err)
{
	bool keep;

	if (!postgres_begin(im->c.pg, err))
		return false;
	if (!stage(im, in, err) || !refuse_repeats(im, in, err) ||
	    !merge(im, in, n, err)) {
		postgres_rollback(im->c.pg);
		return false;
	}
	n->refused = in->refused;
	keep = !im->opt.dry_run && !(im->opt.strict && in->refused > 0);
	if (!keep) {
		postgres_rollback(im->c.pg);
		return true;
	}
	/* An import whose answer is lost may simply be run again. */
	return postgres_commit(im->c.pg, err) == POSTGRES_COMMITTED;
}

static void
tell(const struct import *im, const char *file, const struct counts *n)
{
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);
	const struct {
		const char *name;
		int64_t value;
	} row[] = { { "rows", n->rows }, { "refused", n->refused },
		{ "inserted", n->inserted }, { "updated", n->updated },
		{ "unchanged", n->unchanged }, { "waiting", n->waiting } };
	bool undone = im->opt.strict && n->refused > 0;

	if (im->opt.json) {
		json_begin_object(&w);
		json_key(&w, STR("file"));
		json_string(&w, str_of(file));
		for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			json_key(&w, str_of(row[i].name));
			json_int(&w, row[i].value);
		}
		json_key(&w, STR("imported"));
		json_bool(&w, !im->opt.dry_run && !undone);
		json_end_object(&w);
		buf_add_char(&out, '\n');
	} else {
		buf_printf(&out, "%s:", file);
		for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
			buf_printf(&out, "%s %lld %s", i == 0 ? "" : ",",
			    (long long)row[i].value, row[i].name);
		if (im->opt.dry_run || undone)
			buf_add_str(
			    &out, im->opt.dry_run
				      ? STR("; nothing written (dry run)")
				      : STR("; nothing written (strict)"));
		buf_add_char(&out, '\n');
		if (n->waiting > 0)
			buf_add_str(&out,
			    STR("waiting rows count once their rate is known: "
				"afterclick import-fx\n"));
	}
	fwrite(out.data, out.len, 1, stdout);
	buf_free(&out);
}

static int
import_file(struct import *im, const char *file)
{
	struct counts n = { 0 };
	struct input in;
	struct error err;
	int code = EXIT_FAILED;

	if (!input_open(&in, file))
		return EXIT_FAILED;
	if (!input_head(&in) || !input_columns(&in, columns))
		goto out;
	if (!import_rows(im, &in, &n, &err)) {
		context_fail(&err);
		goto out;
	}
	tell(im, in.name, &n);
	code = n.refused > 0 ? EXIT_FAILED : EXIT_OK;
out:
	input_close(&in);
	return code;
}

/* The site and rules that the rows need; false: *CODE and told. */
static bool
prepare(struct import *im, int *code)
{
	struct buf problems = { 0 };
	struct error err;

	*code = EXIT_USAGE;
	im->site = sites_find(&im->c.sites, str_of(im->opt.site));
	if (im->site == NULL) {
		fprintf(stderr, "afterclick: no site %s in %s\n", im->opt.site,
		    im->c.set.sites_file);
		return false;
	}
	if (im->opt.currency == NULL)
		im->opt.currency = im->site->currency;
	if (!currency_is_code(str_of(im->opt.currency))) {
		fprintf(stderr,
		    "afterclick: --currency %s is not a code of "
		    "ISO 4217 such as EUR\n",
		    im->opt.currency);
		return false;
	}
	if (strcmp(im->opt.platform, "generic") != 0) {
		fprintf(stderr,
		    "afterclick: no platform %s; there is: "
		    "generic\n",
		    im->opt.platform);
		return false;
	}
	im->rules = rules_load(im->c.set.channels_file, &problems);
	if (im->rules == NULL) {
		fprintf(stderr, "%s", buf_text(&problems));
		buf_free(&problems);
		*code = EXIT_CONFIG;
		return false;
	}
	buf_free(&problems);
	im->arena = arena_new(16384);
	if (!postgres_script(im->c.pg, sql_cost_stage, &err)) {
		*code = context_fail(&err);
		return false;
	}
	return true;
}

int
cli_import_costs(int argc, char **argv, const struct cli *cli)
{
	struct import im = {
		.opt = { .platform = "generic", .account = "" },
	};
	struct operands files;
	int code, one;

	if (!options_read(&command, argc, argv, &im.opt, &files, &code))
		return code;
	if (!context_settings(&im.c, cli, &code) ||
	    !context_sites(&im.c, &code) ||
	    !context_postgres(&im.c, true, &code) || !prepare(&im, &code))
		goto out;
	code = EXIT_OK;
	for (int i = 0; i < files.count; i++) {
		one = import_file(&im, files.at[i]);
		if (one != EXIT_OK)
			code = one;
	}
out:
	rules_free(im.rules);
	arena_free(im.arena);
	context_close(&im.c);
	return code;
}
