/*
 * afterclick quality - how far the numbers can be trusted: the days of
 * data_quality_daily, what is unusual among them, and tags that fell silent.
 * Only reads.
 */
#include <stdio.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/print.h"
#include "aggregator/store/sql.h"
#include "common/postgres.h"
#include "common/process.h"

#define NO_DAY INT32_MIN

struct options {
	int32_t from, to;
	const char *site;
	bool marks, tags, json, csv;
};

#define ROW(name, kind, member, value, help)                                   \
	{                                                                      \
		name, OPTIONS_##kind, offsetof(struct options, member), value, \
		    help, false, NULL                                          \
	}
static const struct options_row rows[] = {
	ROW("from", DAY, from, "DAY", "first day; default 13 before the last"),
	ROW("to", DAY, to, "DAY", "last day; default today"),
	ROW("site", TEXT, site, "SITE", "only this site"),
	ROW("marks", FLAG, marks, NULL,
	    "only what is unusual, with the numbers"),
	ROW("tags", FLAG, tags, NULL,
	    "only tags that fell silent or never fired"),
	ROW("json", FLAG, json, NULL, "as JSON, with every column"),
	ROW("csv", FLAG, csv, NULL, "as CSV, with every column"),
	{ NULL, OPTIONS_FLAG, 0, NULL, NULL, false, NULL },
};
static const struct options_command command = {
	.usage = "quality [--from DAY] [--to DAY] [--site SITE] "
		 "[--marks|--tags]\n"
		 "       [--json|--csv]",
	.summary =
	    "Shows, per site and day, hits refused, bots and what their clicks "
	    "cost,\n"
	    "late hits, wrong clocks, consent, coverage, and marks what is "
	    "unusual\n"
	    "for its weekday; below, tags that fell silent.",
	.rows = rows,
	.least = 0,
	.most = 0,
};

/* Adds the rows of SQL to OUT; EMPTY stands for none. */
static bool
add(struct context *c, const struct options *opt, const char *sql,
    const struct postgres_args *args, const char *empty, struct buf *out,
    struct error *err)
{
	struct postgres_rows *r = postgres_query(c->pg, sql, args, err);

	if (r == NULL)
		return false;
	if (opt->json)
		print_json_rows(r, out);
	else if (opt->csv)
		print_csv(r, out);
	else if (postgres_rows_count(r) == 0)
		buf_add_str(out, str_of(empty));
	else
		print_table(r, out);
	postgres_rows_free(r);
	return true;
}

static void
site_arg(struct postgres_args *args, const char *site)
{
	if (site == NULL)
		postgres_arg_null(args);
	else
		postgres_arg_text(args, str_of(site));
}

static bool
write_all(struct context *c, const struct options *opt, struct buf *out,
    struct error *err)
{
	struct postgres_args days = { .count = 0 }, tags = { .count = 0 };
	bool whole = opt->json || opt->csv, ok = true;

	if (opt->from == NO_DAY)
		postgres_arg_null(&days);
	else
		postgres_arg_day(&days, opt->from);
	if (opt->to == NO_DAY)
		postgres_arg_null(&days);
	else
		postgres_arg_day(&days, opt->to);
	site_arg(&days, opt->site);
	site_arg(&tags, opt->site);
	if (opt->marks)
		ok = add(c, opt, sql_quality_marks, &days,
		    "nothing unusual in these days\n", out, err);
	else if (!opt->tags)
		ok = add(c, opt, whole ? sql_quality_all : sql_quality_days,
		    &days, "nothing is known of these days\n", out, err);
	if (!opt->marks && !opt->tags && !whole)
		buf_add_char(out, '\n');
	if (opt->tags || (!opt->marks && !whole))
		ok = ok && add(c, opt, sql_quality_tags, &tags,
			       "no tag fell silent\n", out, err);
	postgres_args_free(&days);
	postgres_args_free(&tags);
	return ok;
}

int
cli_quality(int argc, char **argv, const struct cli *cli)
{
	struct options opt = { .from = NO_DAY, .to = NO_DAY };
	struct context c = { .arena = NULL };
	struct buf out = { 0 };
	struct operands none;
	struct error err;
	int code;

	if (!options_read(&command, argc, argv, &opt, &none, &code))
		return code;
	if (opt.from != NO_DAY && opt.to != NO_DAY && opt.from > opt.to) {
		fprintf(stderr, "afterclick: --from is after --to\n");
		return EXIT_USAGE;
	}
	if (opt.marks && opt.tags) {
		fprintf(stderr, "afterclick: --marks or --tags, not both\n");
		return EXIT_USAGE;
	}
	if (!context_settings(&c, cli, &code) ||
	    !context_postgres(&c, true, &code))
		goto out;
	context_site_hint(&c, opt.site);
	if (!write_all(&c, &opt, &out, &err)) {
		buf_free(&out);
		code = context_fail(&err);
		goto out;
	}
	code = context_print(&out);
out:
	context_close(&c);
	return code;
}
