/*
 * afterclick roi - what each campaign returned, from campaign_roi_daily:
 * sums over the days first, then ratios of the sums.
 */
#include <stdio.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/print.h"
#include "aggregator/cli/table.h"
#include "aggregator/models/models.h"
#include "aggregator/store/sql.h"
#include "common/calendar.h"
#include "common/json.h"
#include "common/postgres.h"
#include "common/process.h"

struct options {
	int32_t from, to;
	const char *model, *site;
	int basis, by;
	bool coverage, json, csv;
};

static const char *const bases[] = { "conversion", "touch", NULL };
static const char *const groups[] = { "campaign", "source", "channel", "day",
	NULL };

static const struct options_row rows[] = {
	{ "from", OPTIONS_DAY, offsetof(struct options, from), .value = "DAY",
	    .help = "first day", .required = true },
	{ "to", OPTIONS_DAY, offsetof(struct options, to), .value = "DAY",
	    .help = "last day", .required = true },
	{ "model", OPTIONS_TEXT, offsetof(struct options, model),
	    .value = "MODEL",
	    .help = "attribution model, or all; default last_touch" },
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), .value = "SITE",
	    .help = "only this site" },
	{ "basis", OPTIONS_CHOICE, offsetof(struct options, basis),
	    .value = "BASIS", .help = "whose day counts", .choices = bases },
	{ "by", OPTIONS_CHOICE, offsetof(struct options, by), .value = "WHAT",
	    .help = "a row for each", .choices = groups },
	{ "coverage", OPTIONS_FLAG, offsetof(struct options, coverage),
	    .help = "beside it, corrected for orders that were not tracked" },
	{ "json", OPTIONS_FLAG, offsetof(struct options, json),
	    .help = "as JSON" },
	{ "csv", OPTIONS_FLAG, offsetof(struct options, csv),
	    .help = "as CSV" },
	{ NULL }
};

static const struct options_command command = {
	"roi --from DAY --to DAY [--model MODEL] [--site SITE]\n"
	"       [--basis conversion|touch] [--by campaign|source|channel|day]\n"
	"       [--coverage] [--json|--csv]",
	"Prints the return on each campaign. Revenue is net of refunds.", rows,
	0, 0
};

/* The column that says whether the row is a total. */
#define COLUMN_TOTAL 6

/* Columns of the table for people: which of the query, how many places. */
static const struct shown {
	const char *column, *title;
	int places; /* -1: as it is */
} shown[] = {
	{ "model", "model", -1 },
	{ "day", "day", -1 },
	{ "channel", "channel", -1 },
	{ "source", "source", -1 },
	{ "medium", "medium", -1 },
	{ "campaign", "campaign", -1 },
	{ "visits", "visits", -1 },
	{ "conversions", "conv.", 2 },
	{ "net_revenue", "revenue", 2 },
	{ "cost", "cost", 2 },
	{ "roas", "roas", 2 },
	{ "roi", "roi", 2 },
	{ "cpa", "cpa", 2 },
};

static size_t
column_of(const struct postgres_rows *r, const char *name)
{
	size_t c = 0;

	while (strcmp(postgres_column(r, c), name) != 0)
		c++;
	return c;
}

/* Whether a column of the table says anything in a report by BY. */
static bool
wanted(const struct options *opt, const char *column)
{
	const char *by = groups[opt->by];

	if (strcmp(column, "model") == 0)
		return opt->model == NULL;
	if (strcmp(column, "day") == 0)
		return strcmp(by, "day") == 0;
	if (strcmp(column, "channel") == 0)
		return strcmp(by, "day") != 0;
	if (strcmp(column, "source") == 0 || strcmp(column, "medium") == 0)
		return strcmp(by, "campaign") == 0 || strcmp(by, "source") == 0;
	if (strcmp(column, "campaign") == 0)
		return strcmp(by, "campaign") == 0;
	return true;
}

static void
table_value(struct table *t, const struct postgres_rows *r, size_t row,
    const struct shown *s, bool first)
{
	size_t c = column_of(r, s->column);
	struct buf text = { 0 };

	if (first && postgres_bool(r, row, COLUMN_TOTAL))
		buf_add_str(&text, STR("total"));
	else if (postgres_null(r, row, c))
		buf_add_str(&text, postgres_number(r, c) ? STR("-") : STR(""));
	else
		postgres_show(r, row, c, &text);
	if (s->places >= 0 && !postgres_null(r, row, c))
		print_rounded(&text, s->places);
	table_cell(t, buf_str(&text));
	buf_free(&text);
}

static void
show_table(
    const struct postgres_rows *r, const struct options *opt, struct buf *out)
{
	const size_t columns = sizeof(shown) / sizeof(shown[0]);
	struct table *t = table_new();
	bool line = false, first;
	size_t c, waiting = column_of(r, "waiting");
	int64_t waits = 0;

	for (size_t i = 0; i < columns; i++) {
		c = column_of(r, shown[i].column);
		if (wanted(opt, shown[i].column))
			table_column(t, shown[i].title, postgres_number(r, c));
	}
	for (size_t row = 0; row < postgres_rows_count(r); row++) {
		if (postgres_bool(r, row, COLUMN_TOTAL)) {
			if (!line)
				table_line(t);
			line = true;
			waits += postgres_int(r, row, waiting);
		}
		first = true;
		for (size_t i = 0; i < columns; i++) {
			if (!wanted(opt, shown[i].column))
				continue;
			/* With every model shown, "total" stands behind. */
			if (opt->model == NULL && i == 0) {
				table_value(t, r, row, &shown[i], false);
				continue;
			}
			table_value(t, r, row, &shown[i], first);
			first = false;
		}
	}
	table_show(t, table_colour(), out);
	table_free(t);
	if (waits > 0)
		buf_add_str(out,
		    STR("\nsome costs wait for a currency rate and are not "
			"counted: afterclick import-fx\n"));
}

static void
show_json(
    const struct postgres_rows *r, const struct options *opt, struct buf *out)
{
	struct json_writer w = json_write(out);
	char from[11], to[11];
	bool totals = false;

	calendar_format_day(opt->from, from);
	calendar_format_day(opt->to, to);
	json_begin_object(&w);
	json_key(&w, STR("from"));
	json_string(&w, str_of(from));
	json_key(&w, STR("to"));
	json_string(&w, str_of(to));
	json_key(&w, STR("date_basis"));
	json_string(&w, str_of(bases[opt->basis]));
	json_key(&w, STR("rows"));
	json_begin_array(&w);
	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		if (!totals && postgres_bool(r, i, COLUMN_TOTAL)) {
			totals = true;
			json_end_array(&w);
			json_key(&w, STR("totals"));
			json_begin_array(&w);
		}
		print_json(r, i, &w);
	}
	json_end_array(&w);
	if (!totals) {
		json_key(&w, STR("totals"));
		json_begin_array(&w);
		json_end_array(&w);
	}
	json_end_object(&w);
	buf_add_char(out, '\n');
}

/* False, and told on stderr, when OPT asks for what cannot be. */
static bool
sensible(struct options *opt)
{
	const char *names[MODEL_ALL], *nearest;

	if (opt->from > opt->to) {
		fprintf(stderr, "afterclick: --from is after --to\n");
		return false;
	}
	if (opt->coverage && strcmp(groups[opt->by], "campaign") != 0) {
		fprintf(stderr, "afterclick: --coverage is by campaign\n");
		return false;
	}
	if (strcmp(opt->model, "all") == 0) {
		opt->model = NULL;
		return true;
	}
	if (models_find(str_of(opt->model)) >= 0)
		return true;
	for (int i = 0; i < MODEL_ALL; i++)
		names[i] = models[i]->name;
	nearest = options_nearest(opt->model, names, MODEL_ALL);
	fprintf(stderr, "afterclick: no model %s%s%s%s\n", opt->model,
	    nearest ? "; did you mean " : "", nearest ? nearest : "",
	    nearest ? "?" : "; `afterclick models` lists them");
	return false;
}

static struct postgres_rows *
ask(struct postgres *pg, const struct options *opt, struct error *err)
{
	struct postgres_args args = { .count = 0 };
	struct postgres_rows *r;

	postgres_arg_day(&args, opt->from);
	postgres_arg_day(&args, opt->to);
	postgres_arg_text(&args, str_of(bases[opt->basis]));
	if (opt->model == NULL)
		postgres_arg_null(&args);
	else
		postgres_arg_text(&args, str_of(opt->model));
	if (opt->site == NULL)
		postgres_arg_null(&args);
	else
		postgres_arg_text(&args, str_of(opt->site));
	if (!opt->coverage)
		postgres_arg_text(&args, str_of(groups[opt->by]));
	r = postgres_query(
	    pg, opt->coverage ? sql_roi_coverage : sql_roi, &args, err);
	postgres_args_free(&args);
	return r;
}

/* False when rows of several currencies were added up. */
static bool
one_currency(const struct postgres_rows *r)
{
	size_t c = column_of(r, "currencies");

	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		if (postgres_int(r, i, c) > 1)
			return false;
	}
	return true;
}

/* The raw and the corrected return side by side. */
static int
report_coverage(const struct postgres_rows *r, const struct options *opt)
{
	struct buf out = { 0 };
	size_t c = column_of(r, "coverage");
	bool measured = true;

	for (size_t i = 0; i < postgres_rows_count(r); i++)
		measured &= !postgres_null(r, i, c);
	if (opt->json)
		print_json_rows(r, &out);
	else if (opt->csv)
		print_csv(r, &out);
	else if (postgres_rows_count(r) == 0)
		buf_add_str(&out, STR("nothing in these days\n"));
	else
		print_table(r, &out);
	if (!opt->json && !opt->csv && postgres_rows_count(r) > 0)
		buf_add_str(&out,
		    measured
			? STR("\ncoverage: the share of the shop's revenue in "
			      "these days that was tracked;\ncorrected: as if "
			      "the rest had come by the campaigns alike\n")
			: STR("\nno coverage was measured for these days: "
			      "afterclick reconcile\n"));
	return context_print(&out);
}

static int
report(const struct postgres_rows *r, const struct options *opt)
{
	struct buf out = { 0 };

	if (opt->coverage)
		return report_coverage(r, opt);
	if (!one_currency(r)) {
		fprintf(stderr, "afterclick: the sites report in several "
				"currencies; name one with --site\n");
		return EXIT_USAGE;
	}
	if (opt->json)
		show_json(r, opt, &out);
	else if (opt->csv)
		print_csv(r, &out);
	else if (postgres_rows_count(r) == 0)
		buf_add_str(&out, STR("nothing in these days\n"));
	else
		show_table(r, opt, &out);
	return context_print(&out);
}

int
cli_roi(int argc, char **argv, const struct cli *cli)
{
	struct context c = { .arena = NULL };
	struct options opt = { .model = "last_touch" };
	struct operands operands;
	struct postgres_rows *r = NULL;
	struct error err;
	int code;

	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	if (!sensible(&opt))
		return EXIT_USAGE;
	if (!context_settings(&c, cli, &code) ||
	    !context_postgres(&c, true, &code))
		goto out;
	context_site_hint(&c, opt.site);
	r = ask(c.pg, &opt, &err);
	code = r == NULL ? context_fail(&err) : report(r, &opt);
out:
	postgres_rows_free(r);
	context_close(&c);
	return code;
}
