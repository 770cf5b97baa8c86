/*
 * afterclick train - a new version of a trained model, from the paths of a
 * closed window; earlier versions stay as they are.
 */
#include <stdio.h>
#include <stdlib.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/table.h"
#include "aggregator/cli/train_paths.h"
#include "aggregator/models/models.h"
#include "aggregator/store/pin.h"
#include "aggregator/store/sql.h"
#include "common/calendar.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/postgres.h"
#include "common/process.h"

#define NO_DAY INT32_MIN
#define REPLICATES "100"
#define REPLICATES_MAX 10000
#define LEAST "100" /* conversions below which nothing is learnt */

struct options {
	int model, order;
	int32_t from, to;
	const char *site, *paths, *bootstrap, *seed, *least;
	bool pin, dry_run, json;
};

static const char *const trained[] = { "markov", "shapley", "shapley_rate",
	NULL };
static const char *const orders[] = { "1", "2", "3", NULL };

static const struct options_row rows[] = {
	{ "model", OPTIONS_CHOICE, offsetof(struct options, model),
	    .value = "MODEL", .help = "what to train", .choices = trained },
	{ "order", OPTIONS_CHOICE, offsetof(struct options, order),
	    .value = "N", .help = "markov: touches that make a state",
	    .choices = orders },
	{ "from", OPTIONS_DAY, offsetof(struct options, from), .value = "DAY",
	    .help = "first day; default 89 days before --to" },
	{ "to", OPTIONS_DAY, offsetof(struct options, to), .value = "DAY",
	    .help = "last day; default the last final day" },
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), .value = "SITE",
	    .help = "learn from this site; default all" },
	{ "paths", OPTIONS_TEXT, offsetof(struct options, paths),
	    .value = "FILE",
	    .help = "learn from a file of `afterclick paths --csv`, without a "
		    "database; stores nothing" },
	{ "bootstrap", OPTIONS_TEXT, offsetof(struct options, bootstrap),
	    .value = "N",
	    .help = "samples for the intervals, 0 for none; "
		    "default " REPLICATES },
	{ "seed", OPTIONS_TEXT, offsetof(struct options, seed), .value = "N",
	    .help = "where the samples' random numbers begin; default 1" },
	{ "min-conversions", OPTIONS_TEXT, offsetof(struct options, least),
	    .value = "N",
	    .help = "refuse to learn from fewer; default " LEAST },
	{ "pin", OPTIONS_FLAG, offsetof(struct options, pin),
	    .help = "the version credits conversions from today on" },
	{ "dry-run", OPTIONS_FLAG, offsetof(struct options, dry_run),
	    .help = "store nothing" },
	{ "json", OPTIONS_FLAG, offsetof(struct options, json),
	    .help = "as JSON" },
	{ NULL }
};

static const struct options_command command = {
	"train [--model markov|shapley|shapley_rate] [--order 1|2|3]\n"
	"       [--from DAY] [--to DAY] [--site SITE] [--paths FILE]\n"
	"       [--bootstrap N] [--seed N] [--min-conversions N]\n"
	"       [--pin] [--dry-run] [--json]",
	"Learns a weight for each channel and stores it as a new version.",
	rows, 0, 0
};

struct training {
	struct options opt;
	int64_t replicates, seed, least;
	int model;
	struct train_paths data;
	struct learn_paths paths;
	double *weight, *low, *high;
	double rate;
	int64_t version, took_ms;
};

static bool
learn(const struct training *t, const struct learn_paths *paths, double *weight,
    double *rate, struct error *err)
{
	*rate = (double)t->data.conversions /
		(double)(t->data.conversions + t->data.nulls);
	if (t->model == MODEL_markov)
		return learn_removal(
		    paths, t->opt.order + 1, weight, rate, err);
	if (t->model == MODEL_shapley_rate)
		return learn_shapley_rate(paths, weight, err);
	learn_shapley(paths, weight);
	return true;
}

static int
ascending(const void *va, const void *vb)
{
	double a = *(const double *)va, b = *(const double *)vb;

	return (a > b) - (a < b);
}

/* Percentiles 2.5 and 97.5 of each channel's weight over the samples. A
 * sample without a conversion is drawn again: with the least conversions
 * asked for that is as good as never. */
static bool
intervals(struct training *t, struct error *err)
{
	size_t n = t->paths.channels, count = (size_t)t->replicates;
	struct learn_path *drawn =
	    mem_alloc((t->paths.count + 1) * sizeof(*drawn));
	double *all = mem_alloc((n * count + 1) * sizeof(*all));
	double *weight = mem_alloc((n + 1) * sizeof(*weight)), rate;
	struct learn_paths sample = { drawn, t->paths.count, n };
	uint64_t seed = (uint64_t)t->seed;
	size_t tail = count / 40;
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		int64_t conversions = 0;

		while (conversions == 0) {
			learn_resample(&t->paths, &seed, drawn);
			for (size_t k = 0; k < sample.count; k++)
				conversions += drawn[k].conversions;
		}
		ok = learn(t, &sample, weight, &rate, err);
		for (size_t c = 0; ok && c < n; c++)
			all[c * count + i] = weight[c];
	}
	for (size_t c = 0; ok && c < n; c++) {
		qsort(all + c * count, count, sizeof(*all), ascending);
		t->low[c] = all[c * count + tail];
		t->high[c] = all[c * count + count - 1 - tail];
	}
	free(drawn);
	free(all);
	free(weight);
	return ok;
}

static bool
train(struct training *t, struct error *err)
{
	int64_t began = clock_mono_ms();
	size_t n;

	if (!train_paths_lend(&t->data, &t->paths, err))
		return false;
	if (t->data.conversions < t->least)
		return error_set(err, ERROR_REJECT,
		    "not enough data: %lld conversions with a touch, and a "
		    "model learns from %lld or more; take a longer window or "
		    "all sites, or say --min-conversions",
		    (long long)t->data.conversions, (long long)t->least);
	n = t->paths.channels;
	t->weight = mem_zero(n + 1, sizeof(*t->weight));
	t->low = mem_zero(n + 1, sizeof(*t->low));
	t->high = mem_zero(n + 1, sizeof(*t->high));
	if (!learn(t, &t->paths, t->weight, &t->rate, err))
		return false;
	t->took_ms = clock_mono_ms() - began;
	return t->replicates == 0 || intervals(t, err);
}

/* --- storing -------------------------------------------------------------- */

/* 17 digits give a double back as it was. */
static void
arg_double(struct postgres_args *args, double v, char text[32])
{
	snprintf(text, 32, "%.17g", v);
	postgres_arg_text(args, str_of(text));
}

static bool
put_version(struct training *t, struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;
	char text[32];

	postgres_arg_int4(&args, t->model);
	postgres_arg_text(&args, str_of(t->opt.site));
	if (t->model == MODEL_markov)
		postgres_arg_int4(&args, t->opt.order + 1);
	else
		postgres_arg_null(&args);
	postgres_arg_day(&args, t->opt.from);
	postgres_arg_day(&args, t->opt.to);
	postgres_arg_int8(&args, (int64_t)t->paths.count);
	postgres_arg_int8(&args, t->data.conversions);
	postgres_arg_int8(&args, t->data.nulls);
	postgres_arg_int8(&args, t->data.value_micros);
	arg_double(&args, t->rate, text);
	postgres_arg_int4(&args, (int32_t)t->replicates);
	postgres_arg_int8(&args, t->seed);
	r = postgres_query(pg, sql_model_version_put, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return false;
	t->version = postgres_int(r, 0, 0);
	postgres_rows_free(r);
	return true;
}

static bool
put_weights(const struct training *t, struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	char text[3][32];
	bool ok = true;

	for (size_t c = 0; ok && c < t->paths.channels; c++) {
		postgres_args_reset(&args);
		postgres_arg_int4(&args, t->model);
		postgres_arg_int4(&args, (int32_t)t->version);
		postgres_arg_text(&args, names_at(t->data.names, (uint32_t)c));
		arg_double(&args, t->weight[c], text[0]);
		if (t->replicates > 0) {
			arg_double(&args, t->low[c], text[1]);
			arg_double(&args, t->high[c], text[2]);
		} else {
			postgres_arg_null(&args);
			postgres_arg_null(&args);
		}
		ok = postgres_exec(pg, sql_model_weight_put, &args, NULL, err);
	}
	postgres_args_free(&args);
	return ok;
}

static bool
store(struct training *t, struct postgres *pg, struct error *err)
{
	struct pin_request q = { .model = t->model };

	if (!postgres_begin(pg, err))
		return false;
	if (!put_version(t, pg, err) || !put_weights(t, pg, err))
		goto failed;
	q.version = t->version;
	q.site = str_of(t->opt.site);
	if (t->opt.pin && !pin_version(pg, &q, err))
		goto failed;
	return postgres_commit(pg, err) == POSTGRES_COMMITTED;
failed:
	postgres_rollback(pg);
	return error_wrap(err, "storing the version");
}

/* --- showing -------------------------------------------------------------- */

/* The place of each channel, the heaviest first. */
static size_t *
ranked(const struct training *t)
{
	size_t n = t->paths.channels;
	size_t *at = mem_alloc((n + 1) * sizeof(*at));

	for (size_t i = 0; i < n; i++) {
		size_t to = i;

		for (; to > 0 && t->weight[at[to - 1]] < t->weight[i]; to--)
			at[to] = at[to - 1];
		at[to] = i;
	}
	return at;
}

static double
positive_sum(const struct training *t)
{
	double sum = 0;

	for (size_t c = 0; c < t->paths.channels; c++)
		sum += t->weight[c] > 0 ? t->weight[c] : 0;
	return sum;
}

static double
share(const struct training *t, size_t c, double sum)
{
	return sum > 0 && t->weight[c] > 0 ? t->weight[c] / sum : 0;
}

static void
cell(struct table *table, double value, int places)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*f", places, value);
	table_cell(table, str_of(text));
}

static void
show_table(const struct training *t, struct buf *out)
{
	struct table *table = table_new();
	double sum = positive_sum(t);
	size_t *rank = ranked(t);

	table_column(table, "channel", false);
	table_column(table,
	    t->model == MODEL_markov ? "removal effect" : "shapley value",
	    true);
	if (t->replicates > 0) {
		table_column(table, "2.5 %", true);
		table_column(table, "97.5 %", true);
	}
	table_column(table, "share", true);
	for (size_t i = 0; i < t->paths.channels; i++) {
		size_t c = rank[i];

		table_cell(table, names_at(t->data.names, (uint32_t)c));
		cell(table, t->weight[c], 6);
		if (t->replicates > 0) {
			cell(table, t->low[c], 6);
			cell(table, t->high[c], 6);
		}
		cell(table, share(t, c, sum), 6);
	}
	table_show(table, table_colour(), out);
	table_free(table);
	free(rank);
	buf_printf(out,
	    "\n%lld conversions, %lld without, on %zu paths; rate %.6f\n",
	    (long long)t->data.conversions, (long long)t->data.nulls,
	    t->paths.count, t->rate);
	if (t->version > 0)
		buf_printf(out, "stored as version %lld of %s%s\n",
		    (long long)t->version, models[t->model]->name,
		    t->opt.pin ? " and pinned" : "");
}

static void
number(struct json_writer *w, const char *key, double value)
{
	char text[64];

	snprintf(text, sizeof(text), "%.17g", value);
	json_key(w, str_of(key));
	json_raw(w, str_of(text));
}

static void
whole(struct json_writer *w, const char *key, int64_t value)
{
	json_key(w, str_of(key));
	json_int(w, value);
}

static void
show_json(const struct training *t, struct buf *out)
{
	struct json_writer w = json_write(out);
	double sum = positive_sum(t);
	size_t *rank = ranked(t);

	json_begin_object(&w);
	json_key(&w, STR("model"));
	json_string(&w, str_of(models[t->model]->name));
	if (t->model == MODEL_markov)
		whole(&w, "order", t->opt.order + 1);
	if (t->version > 0)
		whole(&w, "version", t->version);
	whole(&w, "paths", (int64_t)t->paths.count);
	whole(&w, "conversions", t->data.conversions);
	whole(&w, "nulls", t->data.nulls);
	number(&w, "rate", t->rate);
	whole(&w, "took_ms", t->took_ms);
	json_key(&w, STR("channels"));
	json_begin_array(&w);
	for (size_t i = 0; i < t->paths.channels; i++) {
		size_t c = rank[i];

		json_begin_object(&w);
		json_key(&w, STR("channel"));
		json_string(&w, names_at(t->data.names, (uint32_t)c));
		number(&w, "weight", t->weight[c]);
		if (t->replicates > 0) {
			number(&w, "low", t->low[c]);
			number(&w, "high", t->high[c]);
		}
		number(&w, "share", share(t, c, sum));
		json_end_object(&w);
	}
	json_end_array(&w);
	json_end_object(&w);
	buf_add_char(out, '\n');
	free(rank);
}

/* --- the command ---------------------------------------------------------- */

static bool
sensible(struct training *t)
{
	struct options *o = &t->opt;
	const char *wrong = NULL;

	t->model = models_find(str_of(trained[o->model]));
	if (!str_int(str_of(o->bootstrap), 0, REPLICATES_MAX, &t->replicates) ||
	    (t->replicates > 0 && t->replicates < 40))
		wrong = "--bootstrap: 0, or 40 to 10000";
	else if (!str_int(str_of(o->seed), 0, INT64_MAX, &t->seed))
		wrong = "--seed: not a whole number";
	else if (!str_int(str_of(o->least), 1, INT64_MAX, &t->least))
		wrong = "--min-conversions: not a whole number above 0";
	else if (o->order > 0 && t->model != MODEL_markov)
		wrong = "--order is of markov";
	else if (o->from != NO_DAY && o->to != NO_DAY && o->from > o->to)
		wrong = "--from is after --to";
	else if (o->paths != NULL && (o->site != NULL || o->pin ||
					 o->from != NO_DAY || o->to != NO_DAY))
		wrong = "--paths goes with no day, site or pin";
	else if (o->pin && o->dry_run)
		wrong = "--pin and --dry-run";
	if (wrong != NULL)
		fprintf(stderr, "afterclick: %s\n", wrong);
	return wrong == NULL;
}

/* The days that were not named. */
static bool
find_window(struct options *o, struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;
	bool ok = true;

	if (o->to == NO_DAY) {
		if (o->site != NULL)
			postgres_arg_text(&args, str_of(o->site));
		else
			postgres_arg_null(&args);
		r = postgres_query(pg, sql_train_window, &args, err);
		postgres_args_free(&args);
		if (r == NULL)
			return false;
		ok = postgres_rows_count(r) > 0 && !postgres_null(r, 0, 1);
		if (ok)
			o->to = postgres_day(r, 0, 1);
		postgres_rows_free(r);
		if (!ok)
			return error_set(err, ERROR_REJECT,
			    "not enough data: no day is final yet; name the "
			    "last one by --to");
	}
	if (o->from == NO_DAY)
		o->from = o->to - 89;
	return o->from <= o->to ||
	       error_set(err, ERROR_REJECT,
		   "--from is after the last final day: name --to");
}

static int
of_database(struct training *t, const struct cli *cli, struct buf *out)
{
	struct context c = { .arena = NULL };
	struct error err;
	int code;

	if (context_settings(&c, cli, &code) &&
	    context_postgres(&c, true, &code)) {
		if (find_window(&t->opt, c.pg, &err) &&
		    train_paths_query(&t->data, c.pg, t->opt.from, t->opt.to,
			t->opt.site, &err) &&
		    train(t, &err) && (t->opt.dry_run || store(t, c.pg, &err)))
			code = EXIT_OK;
		else
			code = context_fail(&err);
	}
	context_close(&c);
	if (code == EXIT_OK && t->opt.json)
		show_json(t, out);
	else if (code == EXIT_OK)
		show_table(t, out);
	return code;
}

static int
of_file(struct training *t, struct buf *out)
{
	struct error err;

	if (!train_paths_read(&t->data, t->opt.paths))
		return EXIT_FAILED;
	if (!train(t, &err))
		return context_fail(&err);
	if (t->opt.json)
		show_json(t, out);
	else
		show_table(t, out);
	return t->data.refused == 0 ? EXIT_OK : EXIT_FAILED;
}

int
cli_train(int argc, char **argv, const struct cli *cli)
{
	struct training t = { .opt = { .from = NO_DAY,
				  .to = NO_DAY,
				  .bootstrap = REPLICATES,
				  .seed = "1",
				  .least = LEAST } };
	struct operands operands;
	struct buf out = { 0 };
	int code, printed;

	if (!options_read(&command, argc, argv, &t.opt, &operands, &code))
		return code;
	if (!sensible(&t))
		return EXIT_USAGE;
	code = t.opt.paths != NULL ? of_file(&t, &out)
				   : of_database(&t, cli, &out);
	printed = context_print(&out);
	train_paths_free(&t.data);
	free(t.weight);
	free(t.low);
	free(t.high);
	return code == EXIT_OK ? printed : code;
}
