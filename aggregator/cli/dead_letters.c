/*
 * afterclick dead-letters list - the records that could not be used, and
 * why. Their contents stay in the table: they may hold personal data.
 */
#include <stdio.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/print.h"
#include "aggregator/store/sql.h"
#include "common/json.h"
#include "common/postgres.h"
#include "common/process.h"

struct options {
	bool json, csv;
};

static const struct options_row rows[] = { { "json", OPTIONS_FLAG,
					       offsetof(struct options, json),
					       .help = "as a JSON array" },
	{ "csv", OPTIONS_FLAG, offsetof(struct options, csv),
	    .help = "as CSV" },
	{ NULL } };

static const struct options_command command = {
	"dead-letters list [--json|--csv]",
	"Lists the newest 1000 records that were set aside, with the reason.",
	rows, 1, 1
};

static void
show(const struct postgres_rows *r, const struct options *opt, struct buf *out)
{
	struct json_writer w = json_write(out);

	if (opt->csv) {
		print_csv(r, out);
	} else if (opt->json) {
		json_begin_array(&w);
		for (size_t i = 0; i < postgres_rows_count(r); i++)
			print_json(r, i, &w);
		json_end_array(&w);
		buf_add_char(out, '\n');
	} else if (postgres_rows_count(r) == 0) {
		buf_add_str(out, STR("no dead letters\n"));
	} else {
		print_table(r, out);
	}
}

int
cli_dead_letters(int argc, char **argv, const struct cli *cli)
{
	struct context c = { .arena = NULL };
	struct options opt = { false, false };
	struct operands operands;
	struct postgres_rows *r;
	struct buf out = { 0 };
	struct error err;
	int code;

	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	if (strcmp(operands.at[0], "list") != 0) {
		fprintf(stderr, "usage: afterclick %s\n", command.usage);
		return EXIT_USAGE;
	}
	if (!context_settings(&c, cli, &code) ||
	    !context_postgres(&c, true, &code))
		goto out;
	r = postgres_query(c.pg, sql_dead_letters_list, NULL, &err);
	if (r == NULL) {
		code = context_fail(&err);
		goto out;
	}
	show(r, &opt, &out);
	postgres_rows_free(r);
	code = context_print(&out);
out:
	context_close(&c);
	return code;
}
