/*
 * afterclick dead-letters - the records that could not be used, and
 * why. Their contents stay in the table: they may hold personal data.
 */
#include <stdio.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/dead_letters.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/print.h"
#include "aggregator/store/sql.h"
#include "common/json.h"
#include "common/postgres.h"
#include "common/process.h"

static const struct options_row rows[] = {
	{ "json", OPTIONS_FLAG, offsetof(struct dead_letters_options, json),
	    .help = "list: as a JSON array; retry: the counts as an object" },
	{ "csv", OPTIONS_FLAG, offsetof(struct dead_letters_options, csv),
	    .help = "list: as CSV" },
	{ "reason", OPTIONS_TEXT, offsetof(struct dead_letters_options, reason),
	    .value = "TEXT",
	    .help = "retry: only records whose reason contains TEXT" },
	{ "dry-run", OPTIONS_FLAG,
	    offsetof(struct dead_letters_options, dry_run),
	    .help = "retry: says what would be sent, sends nothing" },
	{ NULL }
};

static const struct options_command command = {
	"dead-letters list|retry [--json|--csv] [--reason TEXT] [--dry-run]",
	"list: the newest 1000 records that were set aside, with the reason.\n"
	"retry: sends them to the topic again, after what was wrong (a "
	"missing\n"
	"site, an older program) is mended; those that are no better are kept\n"
	"and named. Exit 1 when some are kept.",
	rows, 1, 1
};

static void
show(const struct postgres_rows *r, const struct dead_letters_options *opt,
    struct buf *out)
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

static int
list(struct context *c, const struct dead_letters_options *opt)
{
	struct postgres_rows *r;
	struct buf out = { 0 };
	struct error err;

	r = postgres_query(c->pg, sql_dead_letters_list, NULL, &err);
	if (r == NULL)
		return context_fail(&err);
	show(r, opt, &out);
	postgres_rows_free(r);
	return context_print(&out);
}

static int
retry(struct context *c, const struct dead_letters_options *opt)
{
	struct dead_letters_counts n;
	struct buf out = { 0 };
	struct error err;
	int code;
	bool ok = dead_letters_retry(c, opt, &n, &err);

	if (opt->json)
		buf_printf(&out, "{\"sent\":%llu,\"kept\":%llu}\n",
		    (unsigned long long)n.sent, (unsigned long long)n.kept);
	else
		buf_printf(&out, "%llu %s, %llu kept\n",
		    (unsigned long long)n.sent,
		    opt->dry_run ? "would be sent again" : "sent again",
		    (unsigned long long)n.kept);
	code = context_print(&out);
	if (!ok)
		return context_fail(&err);
	return n.kept > 0 ? EXIT_FAILED : code;
}

int
cli_dead_letters(int argc, char **argv, const struct cli *cli)
{
	struct context c = { .arena = NULL };
	struct dead_letters_options opt = { .reason = NULL };
	struct operands operands;
	bool again;
	int code;

	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	again = strcmp(operands.at[0], "retry") == 0;
	if (!again && strcmp(operands.at[0], "list") != 0) {
		fprintf(stderr, "usage: afterclick %s\n", command.usage);
		return EXIT_USAGE;
	}
	if (context_settings(&c, cli, &code) &&
	    (!again || context_sites(&c, &code)) &&
	    context_postgres(&c, true, &code))
		code = again ? retry(&c, &opt) : list(&c, &opt);
	context_close(&c);
	return code;
}
