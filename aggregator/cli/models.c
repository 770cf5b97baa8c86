/*
 * afterclick models - the attribution models, what the trained ones learnt,
 * and which version credits whose conversions.
 */
#include "aggregator/models/models.h"

#include <stdio.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/print.h"
#include "aggregator/cli/table.h"
#include "aggregator/store/pin.h"
#include "aggregator/store/sql.h"
#include "common/json.h"
#include "common/postgres.h"
#include "common/process.h"

struct options {
	bool json, restate;
	const char *site;
	int32_t from;
};

#define NO_DAY INT32_MIN

static const struct options_row rows[] = { { "json", OPTIONS_FLAG,
					       offsetof(struct options, json),
					       .help = "as JSON" },
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), .value = "SITE",
	    .help = "pin, unpin: of this site; default the version's, else "
		    "all" },
	{ "from", OPTIONS_DAY, offsetof(struct options, from), .value = "DAY",
	    .help = "pin: conversions from this day on; default today" },
	{ "restate", OPTIONS_FLAG, offsetof(struct options, restate),
	    .help = "pin: days before today may change; without --from all "
		    "do" },
	{ NULL } };

static const struct options_command command = {
	"models [versions|pin MODEL VERSION|unpin MODEL|\n"
	"       compare MODEL VERSION VERSION] [--site SITE] [--from DAY]\n"
	"       [--restate] [--json]",
	"Lists the attribution models; versions: what the trained ones learnt\n"
	"and where they are pinned; pin: VERSION credits the conversions from\n"
	"today on; unpin: MODEL credits none any more, and its rows go;\n"
	"compare: two versions, channel by channel.",
	rows, 0, 4
};

static void
show_json(struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_array(&w);
	for (int i = 0; i < MODEL_ALL; i++) {
		json_begin_object(&w);
		json_key(&w, STR("model"));
		json_string(&w, str_of(models[i]->name));
		json_key(&w, STR("summary"));
		json_string(&w, str_of(models[i]->summary));
		json_key(&w, STR("trained"));
		json_bool(&w, i >= MODEL_COUNT);
		json_end_object(&w);
	}
	json_end_array(&w);
	buf_add_char(out, '\n');
}

static void
show_table(struct buf *out)
{
	struct table *t = table_new();

	table_column(t, "model", false);
	table_column(t, "summary", false);
	for (int i = 0; i < MODEL_ALL; i++) {
		table_cell(t, str_of(models[i]->name));
		table_cell(t, str_of(models[i]->summary));
	}
	table_show(t, table_colour(), out);
	table_free(t);
}

/* The rows of SQL, or EMPTY; frees ARGS. */
static bool
show_rows(struct postgres *pg, const char *sql, struct postgres_args *args,
    bool as_json, const char *empty, struct buf *out, struct error *err)
{
	struct postgres_rows *r = postgres_query(pg, sql, args, err);
	struct json_writer w = json_write(out);

	postgres_args_free(args);
	if (r == NULL)
		return false;
	if (as_json) {
		json_begin_array(&w);
		for (size_t i = 0; i < postgres_rows_count(r); i++)
			print_json(r, i, &w);
		json_end_array(&w);
		buf_add_char(out, '\n');
	} else if (postgres_rows_count(r) == 0) {
		buf_add_str(out, str_of(empty));
	} else {
		print_table(r, out);
	}
	postgres_rows_free(r);
	return true;
}

struct pinning {
	struct postgres *pg;
	const struct pin_request *request;
};

static bool
pin_once(void *ctx, struct error *err)
{
	const struct pinning *p = ctx;

	return pin_version(p->pg, p->request, err);
}

static bool
pin(struct postgres *pg, const struct options *opt, int model, int64_t version,
    struct buf *out, struct error *err)
{
	struct pin_request q = { .model = model,
		.version = version,
		.site = str_of(opt->site),
		.has_from = opt->from != NO_DAY,
		.from_day = opt->from,
		.restate = opt->restate || version == 0 };
	struct pinning p = { pg, &q };

	if (!postgres_begin(pg, err))
		return false;
	if (!postgres_attempt(pg, pin_once, &p, err)) {
		postgres_rollback(pg);
		return false;
	}
	if (postgres_commit(pg, err) != POSTGRES_COMMITTED)
		return false;
	buf_printf(out,
	    "%s %s%s; credits follow as soon as an aggregator runs\n",
	    models[model]->name, version > 0 ? "pinned" : "no longer pinned",
	    opt->restate ? ", earlier days too" : "");
	return true;
}

/* One of the trained models, or -1 and told. */
static int
trained(const char *name)
{
	int m = models_find(str_of(name));

	if (m >= MODEL_COUNT)
		return m;
	fprintf(stderr, "afterclick: %s is not a trained model:", name);
	for (int i = MODEL_COUNT; i < MODEL_ALL; i++)
		fprintf(stderr, " %s", models[i]->name);
	fprintf(stderr, "\n");
	return -1;
}

/* What stands behind "models"; false: told, a mistake of use. */
struct what {
	enum { LIST, VERSIONS, PIN, UNPIN, COMPARE } verb;
	int model;
	int64_t version[2];
};

static bool
read_what(const struct operands *o, struct what *w)
{
	static const struct {
		const char *verb;
		int operands;
	} verbs[] = { [LIST] = { "", 0 },
		[VERSIONS] = { "versions", 1 },
		[PIN] = { "pin", 3 },
		[UNPIN] = { "unpin", 2 },
		[COMPARE] = { "compare", 4 } };
	size_t v = o->count > 0 ? VERSIONS : LIST;

	while (v < sizeof(verbs) / sizeof(verbs[0]) && o->count > 0 &&
	       strcmp(o->at[0], verbs[v].verb) != 0)
		v++;
	*w = (struct what){ .verb = LIST };
	if (v == sizeof(verbs) / sizeof(verbs[0]) ||
	    o->count != verbs[v].operands) {
		fprintf(stderr, "usage: afterclick %s\n", command.usage);
		return false;
	}
	w->verb = (int)v;
	if (w->verb <= VERSIONS)
		return true;
	w->model = trained(o->at[1]);
	for (int i = 2; i < o->count && w->model >= 0; i++) {
		if (!str_int(
			str_of(o->at[i]), 1, INT32_MAX, &w->version[i - 2])) {
			fprintf(stderr,
			    "afterclick: %s is not the number of a version\n",
			    o->at[i]);
			return false;
		}
	}
	return w->model >= 0;
}

int
cli_models(int argc, char **argv, const struct cli *cli)
{
	struct options opt = { .from = NO_DAY };
	struct context c = { .arena = NULL };
	struct postgres_args args = { 0 };
	struct operands operands;
	struct buf out = { 0 };
	struct error err;
	struct what w;
	bool ok = true;
	int code;

	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	if (!read_what(&operands, &w))
		return EXIT_USAGE;
	if (w.verb == LIST) {
		if (opt.json)
			show_json(&out);
		else
			show_table(&out);
		return context_print(&out);
	}
	if (!context_settings(&c, cli, &code) ||
	    !context_postgres(&c, true, &code))
		goto out;
	if (w.verb == VERSIONS) {
		ok = show_rows(c.pg, sql_model_versions, &args, opt.json,
		    "no version yet: afterclick train\n", &out, &err);
	} else if (w.verb == COMPARE) {
		postgres_arg_int4(&args, w.model);
		postgres_arg_int4(&args, (int32_t)w.version[0]);
		postgres_arg_int4(&args, (int32_t)w.version[1]);
		ok = show_rows(c.pg, sql_model_compare, &args, opt.json,
		    "no such versions: afterclick models versions\n", &out,
		    &err);
	} else {
		ok = pin(c.pg, &opt, w.model, w.version[0], &out, &err);
	}
	code = ok ? context_print(&out) : context_fail(&err);
out:
	buf_free(&out);
	context_close(&c);
	return code;
}
