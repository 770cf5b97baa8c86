/*
 * afterclick audit spend - what the campaigns spent beside what was touched,
 * from spend_audit; afterclick budget - what more spend would bring, from
 * budget_suggestion. Both only read.
 */
#include <stdio.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/print.h"
#include "aggregator/models/models.h"
#include "aggregator/store/sql.h"
#include "common/postgres.h"
#include "common/process.h"

#define NO_DAY INT32_MIN

struct options {
	int32_t from, to;
	const char *site, *model;
	bool all, deciles, json, csv;
};

#define ROW(name, kind, member, value, help)                                   \
	{                                                                      \
		name, OPTIONS_##kind, offsetof(struct options, member), value, \
		    help, false, NULL                                          \
	}
static const struct options_row audit_rows[] = {
	ROW("from", DAY, from, "DAY", "first day; default all"),
	ROW("to", DAY, to, "DAY", "last day; default all"),
	ROW("site", TEXT, site, "SITE", "only this site"),
	ROW("all", FLAG, all, NULL, "rows without a finding too"),
	ROW("json", FLAG, json, NULL, "as JSON"),
	ROW("csv", FLAG, csv, NULL, "as CSV"),
	{ NULL, OPTIONS_FLAG, 0, NULL, NULL, false, NULL },
};
static const struct options_command audit_command = {
	.usage = "audit spend [--from DAY] [--to DAY] [--site SITE] [--all]\n"
		 "       [--json|--csv]",
	.summary =
	    "Lists, per day and campaign, spend without touches, paid touches\n"
	    "without spend, clicks that did not land, likely aliases and click "
	    "ids\n"
	    "too old to upload.",
	.rows = audit_rows,
	.least = 1,
	.most = 1,
};
static const struct options_row budget_rows[] = {
	ROW("site", TEXT, site, "SITE", "only this site"),
	ROW("model", TEXT, model, "MODEL",
	    "attribution model; default last_touch"),
	ROW("deciles", FLAG, deciles, NULL,
	    "the average day of each tenth of the days by spend"),
	ROW("json", FLAG, json, NULL, "as JSON"),
	ROW("csv", FLAG, csv, NULL, "as CSV"),
	{ NULL, OPTIONS_FLAG, 0, NULL, NULL, false, NULL },
};
static const struct options_command budget_command = {
	.usage = "budget [--site SITE] [--model MODEL] [--deciles] "
		 "[--json|--csv]",
	.summary =
	    "Suggests where more or less spend would pay, by what further "
	    "spend\n"
	    "returned over the last 90 days. A suggestion, no proof.",
	.rows = budget_rows,
	.least = 0,
	.most = 0,
};

static void
day_arg(struct postgres_args *args, int32_t day)
{
	if (day == NO_DAY)
		postgres_arg_null(args);
	else
		postgres_arg_day(args, day);
}

static void
text_arg(struct postgres_args *args, const char *text)
{
	if (text == NULL)
		postgres_arg_null(args);
	else
		postgres_arg_text(args, str_of(text));
}

/* Runs SQL with ARGS, which it frees, and prints the rows as OPT says;
 * EMPTY stands for none, NOTE below a table. */
static int
show(const struct cli *cli, const struct options *opt, const char *sql,
    struct postgres_args *args, const char *empty, const char *note)
{
	struct context c = { .arena = NULL };
	struct postgres_rows *r = NULL;
	struct buf out = { 0 };
	struct error err;
	int code;

	if (!context_settings(&c, cli, &code) ||
	    !context_postgres(&c, true, &code))
		goto out;
	context_site_hint(&c, opt->site);
	r = postgres_query(c.pg, sql, args, &err);
	if (r == NULL) {
		code = context_fail(&err);
		goto out;
	}
	if (opt->json)
		print_json_rows(r, &out);
	else if (opt->csv)
		print_csv(r, &out);
	else if (postgres_rows_count(r) == 0)
		buf_add_str(&out, str_of(empty));
	else
		print_table(r, &out);
	if (!opt->json && !opt->csv && postgres_rows_count(r) > 0)
		buf_add_str(&out, str_of(note));
	code = context_print(&out);
out:
	postgres_rows_free(r);
	postgres_args_free(args);
	context_close(&c);
	return code;
}

int
cli_audit(int argc, char **argv, const struct cli *cli)
{
	struct options opt = { .from = NO_DAY, .to = NO_DAY };
	struct postgres_args args = { .count = 0 };
	struct operands what;
	int code;

	if (!options_read(&audit_command, argc, argv, &opt, &what, &code))
		return code;
	if (strcmp(what.at[0], "spend") != 0) {
		fprintf(stderr,
		    "afterclick: there is no audit of %s; there is: spend\n",
		    what.at[0]);
		return EXIT_USAGE;
	}
	if (opt.from != NO_DAY && opt.to != NO_DAY && opt.from > opt.to) {
		fprintf(stderr, "afterclick: --from is after --to\n");
		return EXIT_USAGE;
	}
	day_arg(&args, opt.from);
	day_arg(&args, opt.to);
	text_arg(&args, opt.site);
	postgres_arg_bool(&args, opt.all);
	return show(cli, &opt, sql_audit_spend, &args,
	    opt.all ? "neither spend nor touches in these days\n"
		    : "nothing to find fault with in these days\n",
	    "");
}

int
cli_budget(int argc, char **argv, const struct cli *cli)
{
	struct options opt = { .model = "last_touch" };
	struct postgres_args args = { .count = 0 };
	struct operands none;
	int code;

	if (!options_read(&budget_command, argc, argv, &opt, &none, &code))
		return code;
	if (models_find(str_of(opt.model)) < 0) {
		fprintf(stderr,
		    "afterclick: no model %s; `afterclick models` lists them\n",
		    opt.model);
		return EXIT_USAGE;
	}
	text_arg(&args, opt.model);
	text_arg(&args, opt.site);
	return show(cli, &opt, opt.deciles ? sql_budget_deciles : sql_budget,
	    &args, "no settled day with spend\n",
	    "\nsuggestions from how revenue went with spend, no proof: days "
	    "with more\nspend may differ in more than spend\n");
}
