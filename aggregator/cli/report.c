/*
 * afterclick report - the numbers of a time for people: a page to mail,
 * Markdown or CSV. It only reads, and every section of it shows the same
 * moment.
 */
#include <stdio.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/output.h"
#include "aggregator/cli/report_write.h"
#include "aggregator/models/models.h"
#include "aggregator/store/sql.h"
#include "common/calendar.h"
#include "common/postgres.h"
#include "common/process.h"

#define DAYS_MAX 3660

struct options {
	int32_t from, to;
	const char *site, *model, *html;
	bool markdown, csv;
};

static const struct options_row rows[] = {
	{ "from", OPTIONS_DAY, offsetof(struct options, from), .value = "DAY",
	    .help = "first day", .required = true },
	{ "to", OPTIONS_DAY, offsetof(struct options, to), .value = "DAY",
	    .help = "last day", .required = true },
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), .value = "SITE",
	    .help = "only this site" },
	{ "model", OPTIONS_TEXT, offsetof(struct options, model),
	    .value = "MODEL", .help = "attribution model; default last_touch" },
	{ "html", OPTIONS_TEXT, offsetof(struct options, html), .value = "FILE",
	    .help = "as one page that needs nothing else; - is stdout" },
	{ "markdown", OPTIONS_FLAG, offsetof(struct options, markdown),
	    .help = "as Markdown, to FILE or stdout" },
	{ "csv", OPTIONS_FLAG, offsetof(struct options, csv),
	    .help = "as CSV, all rows, to FILE or stdout" },
	{ NULL }
};

static const struct options_command command = {
	"report --from DAY --to DAY [--site SITE] [--model MODEL]\n"
	"       --html FILE | --markdown [FILE] | --csv [FILE]",
	"Writes a report: head numbers against the days before, channels, "
	"sources\nand campaigns, models side by side, day by day, paths to a "
	"conversion,\nexperiments, how settled and how well tracked the days "
	"are, and a suggestion\nfor the budget.",
	rows, 0, 1
};

/* The sections' queries; $n as each names them. */
enum arg { FROM = 1, TO, MODEL, SITE, LIMIT, PATHS };
static const struct query {
	enum report_part part;
	const char *sql;
	enum arg args[5];
} queries[] = {
	{ REPORT_TOTALS, sql_report_totals, { FROM, TO, MODEL, SITE } },
	{ REPORT_CAMPAIGNS, sql_report_campaigns,
	    { FROM, TO, MODEL, SITE, LIMIT } },
	{ REPORT_MODELS, sql_report_models, { FROM, TO, SITE, MODEL } },
	{ REPORT_DAYS, sql_report_days, { FROM, TO, MODEL, SITE } },
	{ REPORT_PATHS, sql_report_paths, { FROM, TO, SITE, PATHS } },
	{ REPORT_EXPERIMENTS, sql_report_experiments, { SITE } },
	{ REPORT_NOTES, sql_report_notes, { FROM, TO, SITE } },
	{ REPORT_SILENT, sql_report_silent, { SITE, LIMIT } },
	{ REPORT_UNUSUAL, sql_report_unusual, { FROM, TO, SITE, LIMIT } },
	{ REPORT_QUALITY, sql_report_quality, { FROM, TO, SITE } },
	{ REPORT_BUDGET, sql_budget, { MODEL, SITE } },
	{ REPORT_DECILES, sql_budget_deciles, { MODEL, SITE } },
};

/* False, and told on stderr, when OPT asks for what cannot be. */
static bool
sensible(struct options *opt, const struct operands *operands)
{
	if (opt->from > opt->to) {
		fprintf(stderr, "afterclick: --from is after --to\n");
		return false;
	}
	if ((int64_t)opt->to - opt->from >= DAYS_MAX) {
		fprintf(stderr,
		    "afterclick: more than %d days; report a shorter time\n",
		    DAYS_MAX);
		return false;
	}
	if ((opt->html != NULL) + opt->markdown + opt->csv != 1) {
		fprintf(stderr, "afterclick: give one of --html FILE, "
				"--markdown and --csv\n");
		return false;
	}
	if (opt->html != NULL && operands->count > 0) {
		fprintf(stderr, "afterclick: %s: --html has its FILE already\n",
		    operands->at[0]);
		return false;
	}
	if (models_find(str_of(opt->model)) < 0) {
		fprintf(stderr,
		    "afterclick: no model %s; `afterclick models` lists them\n",
		    opt->model);
		return false;
	}
	return true;
}

static void
add_arg(struct postgres_args *args, enum arg arg, const struct options *opt)
{
	if (arg == FROM || arg == TO)
		postgres_arg_day(args, arg == FROM ? opt->from : opt->to);
	else if (arg == MODEL)
		postgres_arg_text(args, str_of(opt->model));
	else if (arg == SITE && opt->site != NULL)
		postgres_arg_text(args, str_of(opt->site));
	else if ((arg == LIMIT || arg == PATHS) && !opt->csv)
		postgres_arg_int8(
		    args, arg == LIMIT ? REPORT_ROWS_MAX : REPORT_PATHS_MAX);
	else
		postgres_arg_null(args);
}

static struct postgres_rows *
ask(struct postgres *pg, const char *sql, const enum arg *list, size_t count,
    const struct options *opt, struct error *err)
{
	struct postgres_args args = { .count = 0 };
	struct postgres_rows *r;

	for (size_t i = 0; i < count && list[i] != 0; i++)
		add_arg(&args, list[i], opt);
	r = postgres_query(pg, sql, &args, err);
	postgres_args_free(&args);
	return r;
}

/* False, and ERR, when there is no one currency to report in. */
static bool
one_currency(const struct postgres_rows *head, const struct options *opt,
    struct error *err)
{
	if (postgres_int(head, 0, report_column(head, "sites")) == 0)
		return opt->site != NULL
			   ? error_set(err, ERROR_FATAL,
				 "no site %s; the sites are those of "
				 "sites.yaml when the aggregator last started",
				 opt->site)
			   : error_set(err, ERROR_FATAL,
				 "there is no site yet: afterclick migrate");
	if (postgres_int(head, 0, report_column(head, "currencies")) > 1)
		return error_set(err, ERROR_FATAL,
		    "the sites report in several currencies; name one with "
		    "--site");
	return true;
}

/* Reads all that the report says; HEAD is the caller's to free. */
static bool
gather(struct postgres *pg, const struct options *opt, struct report *r,
    struct postgres_rows **head, struct error *err)
{
	static const enum arg head_args[] = { SITE };
	int32_t days = opt->to - opt->from + 1;

	if (!postgres_begin(pg, err) ||
	    !postgres_exec(pg, sql_report_snapshot, NULL, NULL, err))
		return false;
	*head = ask(pg, sql_report_head, head_args, 1, opt, err);
	if (*head == NULL || !one_currency(*head, opt, err))
		return false;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		const struct query *q = &queries[i];

		r->rows[q->part] = ask(pg, q->sql, q->args,
		    sizeof(q->args) / sizeof(q->args[0]), opt, err);
		if (r->rows[q->part] == NULL)
			return false;
	}
	r->made = postgres_text(*head, 0, report_column(*head, "made"));
	r->currency = postgres_text(*head, 0, report_column(*head, "currency"));
	calendar_format_day(opt->from, r->from);
	calendar_format_day(opt->to, r->to);
	calendar_format_day(opt->from - days, r->before_from);
	calendar_format_day(opt->from - 1, r->before_to);
	return true;
}

static int
put(const struct report *r, const struct options *opt, const char *file)
{
	struct buf out = { 0 };
	struct error err;
	int code;

	if (opt->html != NULL)
		report_html(r, &out);
	else if (opt->markdown)
		report_markdown(r, &out);
	else
		report_csv(r, &out);
	if (file == NULL || strcmp(file, "-") == 0)
		return context_print(&out);
	code = output_write(file, buf_str(&out), &err) ? EXIT_OK
						       : context_fail(&err);
	buf_free(&out);
	return code;
}

int
cli_report(int argc, char **argv, const struct cli *cli)
{
	struct context c = { .arena = NULL };
	struct options opt = { .model = "last_touch" };
	struct report r = { .model = NULL };
	struct postgres_rows *head = NULL;
	struct operands operands;
	struct error err;
	int code;

	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	if (!sensible(&opt, &operands))
		return EXIT_USAGE;
	if (!context_settings(&c, cli, &code) ||
	    !context_postgres(&c, true, &code))
		goto out;
	r.model = opt.model;
	r.site = opt.site;
	if (!gather(c.pg, &opt, &r, &head, &err))
		code = context_fail(&err);
	else
		code = put(&r, &opt,
		    opt.html != NULL     ? opt.html
		    : operands.count > 0 ? operands.at[0]
					 : NULL);
	postgres_rollback(c.pg); /* it only read */
out:
	postgres_rows_free(head);
	for (int i = 0; i < REPORT_PARTS; i++)
		postgres_rows_free(r.rows[i]);
	context_close(&c);
	return code;
}
