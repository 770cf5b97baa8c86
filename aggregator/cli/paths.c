/* afterclick paths - paths of channels, and how they ended. */
#include <stdio.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/print.h"
#include "aggregator/store/sql.h"
#include "common/json.h"
#include "common/postgres.h"
#include "common/process.h"

struct options {
	int32_t from, to;
	const char *site;
	bool json, csv;
};

static const struct options_row rows[] = {
	{ "from", OPTIONS_DAY, offsetof(struct options, from), .value = "DAY",
	    .help = "first day", .required = true },
	{ "to", OPTIONS_DAY, offsetof(struct options, to), .value = "DAY",
	    .help = "last day", .required = true },
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), .value = "SITE",
	    .help = "only this site" },
	{ "json", OPTIONS_FLAG, offsetof(struct options, json),
	    .help = "as JSON" },
	{ "csv", OPTIONS_FLAG, offsetof(struct options, csv),
	    .help = "as CSV" },
	{ NULL }
};

static const struct options_command command = {
	"paths --from DAY --to DAY [--site SITE] [--json|--csv]",
	"Prints the paths of channels before conversions on these days, with\n"
	"the value after refunds, and how many customers without a conversion\n"
	"ended on them (nulls).",
	rows, 0, 0
};

int
cli_paths(int argc, char **argv, const struct cli *cli)
{
	struct context c = { .arena = NULL };
	struct postgres_args args = { 0 };
	struct options opt = { 0 };
	struct operands operands;
	struct postgres_rows *r;
	struct buf out = { 0 };
	struct error err;
	int code;

	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	if (opt.from > opt.to) {
		fprintf(stderr, "afterclick: --from is after --to\n");
		return EXIT_USAGE;
	}
	if (!context_settings(&c, cli, &code) ||
	    !context_postgres(&c, true, &code))
		goto out;
	context_site_hint(&c, opt.site);
	postgres_arg_day(&args, opt.from);
	postgres_arg_day(&args, opt.to);
	if (opt.site != NULL)
		postgres_arg_text(&args, str_of(opt.site));
	else
		postgres_arg_null(&args);
	r = postgres_query(c.pg, sql_paths, &args, &err);
	postgres_args_free(&args);
	if (r == NULL) {
		code = context_fail(&err);
		goto out;
	}
	if (opt.json) {
		struct json_writer w = json_write(&out);

		json_begin_array(&w);
		for (size_t i = 0; i < postgres_rows_count(r); i++)
			print_json(r, i, &w);
		json_end_array(&w);
		buf_add_char(&out, '\n');
	} else if (opt.csv) {
		print_csv(r, &out);
	} else {
		print_table(r, &out);
	}
	postgres_rows_free(r);
	code = context_print(&out);
out:
	context_close(&c);
	return code;
}
