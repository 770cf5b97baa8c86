/*
 * afterclick experiments - what A/B tests and holdouts say, from the views
 * experiment_results and experiment_incrementality, and how many customers
 * one needs.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/print.h"
#include "aggregator/report/abtest.h"
#include "aggregator/store/sql.h"
#include "common/json.h"
#include "common/postgres.h"
#include "common/process.h"

struct options {
	const char *site, *rate, *mean, *sd, *lift, *difference, *power;
	bool json, csv;
};

#define ROW(name, kind, member, value, help)                                   \
	{                                                                      \
		name, OPTIONS_##kind, offsetof(struct options, member), value, \
		    help, false, NULL                                          \
	}
static const struct options_row rows[] = {
	ROW("site", TEXT, site, "SITE", "only this site"),
	ROW("json", FLAG, json, NULL, "as JSON, every statistic"),
	ROW("csv", FLAG, csv, NULL, "as CSV, every statistic"),
	ROW("rate", TEXT, rate, "P", "plan: the control's rate, as 0.05"),
	ROW("mean", TEXT, mean, "M", "plan: or its revenue per customer"),
	ROW("sd", TEXT, sd, "S", "plan: and how much customers vary"),
	ROW("lift", TEXT, lift, "L", "plan: relative change to find, as 0.1"),
	ROW("difference", TEXT, difference, "D", "plan: or absolute"),
	ROW("power", TEXT, power, "P", "plan: chance to find it; default 0.8"),
	{ NULL, OPTIONS_FLAG, 0, NULL, NULL, false, NULL },
};
static const struct options_command command = {
	.usage = "experiments [list|show [EXPERIMENT]|incrementality\n"
		 "       [EXPERIMENT]] [--site SITE] [--json|--csv]\n"
		 "       experiments plan (--rate P|--mean M --sd S)\n"
		 "       (--lift L|--difference D) [--power P] [--json]",
	.summary =
	    "Lists the experiments; show: what their arms say; "
	    "incrementality:\n"
	    "what holdouts say that campaigns caused, beside what is credited\n"
	    "to them; plan: customers an arm needs.",
	.rows = rows,
	.least = 0,
	.most = 2,
};

/* --- plan --------------------------------------------------------------------
 */

/* TEXT as a number in (0, MOST]; false and told if it is none. */
static bool
read_number(const char *option, const char *text, double most, double *out)
{
	int64_t micros;

	if (!str_micros(str_of(text), &micros) || micros <= 0 ||
	    (double)micros / 1e6 > most) {
		fprintf(stderr,
		    "afterclick: --%s %s: must be a number above 0 and at "
		    "most %g, of six decimals\n",
		    option, text, most);
		return false;
	}
	*out = (double)micros / 1e6;
	return true;
}

/* The difference that is to be found, of the value BASE. */
static bool
read_difference(const struct options *opt, double base, double *out)
{
	if ((opt->lift == NULL) == (opt->difference == NULL)) {
		fprintf(stderr,
		    "afterclick: plan needs one of --lift and --difference\n");
		return false;
	}
	if (opt->difference != NULL)
		return read_number("difference", opt->difference, 1e9, out);
	if (!read_number("lift", opt->lift, 100, out))
		return false;
	*out *= base;
	return true;
}

static bool
plan_size(const struct options *opt, double *n, double *power)
{
	double base, sd = 0, d;

	*power = 0.8;
	if ((opt->rate == NULL) == (opt->mean == NULL) ||
	    (opt->mean == NULL) != (opt->sd == NULL)) {
		fprintf(stderr,
		    "afterclick: plan needs --rate, or --mean and --sd\n");
		return false;
	}
	if ((opt->power != NULL &&
		!read_number("power", opt->power, 0.999, power)) ||
	    !read_number(opt->rate != NULL ? "rate" : "mean",
		opt->rate != NULL ? opt->rate : opt->mean,
		opt->rate != NULL ? 0.999999 : 1e9, &base) ||
	    (opt->sd != NULL && !read_number("sd", opt->sd, 1e9, &sd)) ||
	    !read_difference(opt, base, &d))
		return false;
	if (opt->rate != NULL && base + d > 1) {
		fprintf(stderr,
		    "afterclick: a rate of %g and %g more is above 1\n", base,
		    d);
		return false;
	}
	*n = opt->rate != NULL ? abtest_plan_rate(base, d, ABTEST_ALPHA, *power)
			       : abtest_plan_mean(sd, d, ABTEST_ALPHA, *power);
	return true;
}

static int
plan(const struct options *opt)
{
	struct buf out = { 0 };
	double n, power;

	if (!plan_size(opt, &n, &power))
		return EXIT_USAGE;
	if (opt->json)
		buf_printf(&out,
		    "{\"customers_per_arm\":%.0f,\"exact\":%.2f,"
		    "\"alpha\":%g,\"power\":%g}\n",
		    ceil(n), n, ABTEST_ALPHA, power);
	else
		buf_printf(&out,
		    "%.0f customers an arm (%.2f): finds it in %g %% of "
		    "tests, and one in %g that is not there\n"
		    "planned_n: %.0f\n",
		    ceil(n), n, 100 * power, 1 / ABTEST_ALPHA, ceil(n));
	return context_print(&out);
}

/* --- the views ---------------------------------------------------------------
 */

/* What to show: all statistics for programs, else tables for people. */
struct what {
	const char *verb;
	const char *all;
	const char *table[2];
	const char *title[2];
	const char *empty;
};
static const struct what whats[] = {
	{ "list", sql_experiments_list, { sql_experiments_list }, { "" },
	    "no experiments: write some into sites.yaml\n" },
	{ "show", sql_experiments_all,
	    { sql_experiments_rates, sql_experiments_revenue },
	    { "conversion rate\n", "\nrevenue per customer\n" },
	    "no such experiment: afterclick experiments\n" },
	{ "incrementality", sql_experiments_incrementality,
	    { sql_experiments_incrementality_table }, { "" },
	    "no such holdout: set holdout in an experiment of sites.yaml\n" },
};

static bool
show_one(struct postgres *pg, const char *sql, const struct postgres_args *args,
    const struct options *opt, const struct what *w, const char *title,
    struct buf *out, struct error *err)
{
	struct postgres_rows *r = postgres_query(pg, sql, args, err);

	if (r == NULL)
		return false;
	if (opt->json) {
		print_json_rows(r, out);
	} else if (opt->csv) {
		print_csv(r, out);
	} else if (postgres_rows_count(r) == 0) {
		buf_add_str(out, str_of(w->empty));
	} else {
		buf_add_str(out, str_of(title));
		print_table(r, out);
	}
	postgres_rows_free(r);
	return true;
}

static bool
show(struct postgres *pg, const struct options *opt, const struct what *w,
    const char *name, struct buf *out, struct error *err)
{
	bool all = opt->json || opt->csv, ok = true;
	struct postgres_args args = { 0 };

	if (opt->site != NULL)
		postgres_arg_text(&args, str_of(opt->site));
	else
		postgres_arg_null(&args);
	if (name != NULL)
		postgres_arg_text(&args, str_of(name));
	else
		postgres_arg_null(&args);
	if (all)
		ok = show_one(pg, w->all, &args, opt, w, "", out, err);
	for (int i = 0; ok && !all && i < 2 && w->table[i] != NULL; i++) {
		size_t before = out->len;

		ok = show_one(
		    pg, w->table[i], &args, opt, w, w->title[i], out, err);
		if (ok && str_ends(buf_str(out), str_of(w->empty)) &&
		    out->len - before == strlen(w->empty))
			break; /* said once */
	}
	postgres_args_free(&args);
	return ok;
}

int
cli_experiments(int argc, char **argv, const struct cli *cli)
{
	struct options opt = { .json = false };
	struct context c = { .arena = NULL };
	const struct what *w = NULL;
	struct operands o;
	struct buf out = { 0 };
	const char *verb;
	struct error err;
	int code;

	if (!options_read(&command, argc, argv, &opt, &o, &code))
		return code;
	verb = o.count > 0 ? o.at[0] : "list";
	if (strcmp(verb, "plan") == 0 && o.count == 1)
		return plan(&opt);
	for (size_t i = 0; i < sizeof(whats) / sizeof(whats[0]); i++) {
		if (strcmp(verb, whats[i].verb) == 0 && (i > 0 || o.count < 2))
			w = &whats[i];
	}
	if (w == NULL || (opt.json && opt.csv)) {
		fprintf(stderr, "usage: afterclick %s\n", command.usage);
		return EXIT_USAGE;
	}
	if (!context_settings(&c, cli, &code) ||
	    !context_postgres(&c, true, &code))
		goto out;
	context_site_hint(&c, opt.site);
	if (!show(c.pg, &opt, w, o.count > 1 ? o.at[1] : NULL, &out, &err)) {
		code = context_fail(&err);
	} else if (o.count > 1 && str_eq(buf_str(&out), str_of(w->empty))) {
		fprintf(stderr, "afterclick: %s", w->empty);
		code = EXIT_FAILED; /* it was asked for by name */
	} else {
		code = context_print(&out);
	}
out:
	buf_free(&out);
	context_close(&c);
	return code;
}
