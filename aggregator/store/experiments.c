/*
 * experiments.c - sums are exact and change by (new - old); the statistics
 * are a function of them, computed by whoever sees first that they are stale.
 */
#include "aggregator/store/experiments.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "aggregator/report/abtest.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */

/* --- configuration -----------------------------------------------------------
 */

static void
arg_instant(struct postgres_args *args, int64_t ms, int64_t absent)
{
	if (ms == absent)
		postgres_arg_null(args);
	else
		postgres_arg_time(args, ms);
}

static bool
publish_one(struct postgres *pg, const struct site *site,
    const struct experiment *e, struct error *err)
{
	const struct variant *v = e->variants.at;
	size_t n = e->variants.count, campaigns = e->campaigns.count;
	struct str *name = mem_zero(n, sizeof(*name));
	struct str *campaign = mem_zero(campaigns + 1, sizeof(*campaign));
	int64_t *weight = mem_zero(n, sizeof(*weight));
	struct postgres_args args = { 0 };
	bool ok;

	for (size_t i = 0; i < n; i++) {
		name[i] = str_of(v[i].name);
		weight[i] = v[i].weight_micros;
	}
	for (size_t i = 0; i < campaigns; i++)
		campaign[i] = str_of(e->campaigns.at[i]);
	postgres_arg_text(&args, str_of(site->id));
	postgres_arg_text(&args, str_of(e->name));
	postgres_arg_text(&args, str_of(e->goal));
	postgres_arg_text(
	    &args, e->holdout_micros > 0 ? STR("holdout") : STR("test"));
	postgres_arg_texts(&args, name, n);
	postgres_arg_int8s(&args, weight, n);
	postgres_arg_int8(&args, e->planned_n);
	arg_instant(&args, e->start_ms, INT64_MIN);
	arg_instant(&args, e->end_ms, INT64_MAX);
	postgres_arg_int8(&args, e->window_ms);
	postgres_arg_int8(&args, e->revenue_cap_micros);
	postgres_arg_int8(&args, e->cuped_ms);
	postgres_arg_texts(&args, campaign, campaigns);
	postgres_arg_bool(&args, *e->holdout_to != '\0');
	ok = postgres_exec(pg, sql_experiment_configure, &args, NULL, err);
	postgres_args_free(&args);
	free(name);
	free(campaign);
	free(weight);
	return ok;
}

bool
experiments_publish(
    struct postgres *pg, const struct sites *sites, struct error *err)
{
	const struct site *site = sites->list.at;
	struct postgres_args args = { 0 };
	struct str *of = NULL, *name = NULL;
	size_t n = 0;
	bool ok = true;

	for (size_t i = 0; i < sites->list.count; i++) {
		const struct items *list = &site[i].experiments;
		const struct experiment *e = list->at;

		of = mem_grow(of, (n + list->count + 1) * sizeof(*of));
		name = mem_grow(name, (n + list->count + 1) * sizeof(*name));
		for (size_t k = 0; ok && k < list->count; k++) {
			of[n] = str_of(site[i].id);
			name[n++] = str_of(e[k].name);
			ok = publish_one(pg, &site[i], &e[k], err);
		}
	}
	postgres_arg_texts(&args, of, n);
	postgres_arg_texts(&args, name, n);
	ok = ok && postgres_exec(pg, sql_experiment_retire, &args, NULL, err);
	postgres_args_free(&args);
	free(of);
	free(name);
	return ok || error_wrap(err, "publishing experiments");
}

/* --- exposures and customers -------------------------------------------------
 */

bool
experiments_expose(struct postgres *pg, const struct facts *f,
    struct arena *arena, struct error *err)
{
	size_t n = f->exposures.count;
	struct postgres_args args = { 0 };
	struct hash128 *who = arena_alloc(arena, n * sizeof(*who));
	int64_t *ts = arena_alloc(arena, n * sizeof(*ts));
	struct str *text[4];
	bool ok;

	if (n == 0)
		return true;
	for (int k = 0; k < 4; k++)
		text[k] = arena_alloc(arena, n * sizeof(struct str));
	for (size_t i = 0; i < n; i++) {
		const struct exposure_fact *x = &f->exposures.at[i];

		who[i] = x->party;
		text[0][i] = str_of(x->site->id);
		text[1][i] = x->experiment;
		text[2][i] = x->variant;
		ts[i] = x->ts_ms;
		text[3][i] = x->event_id;
	}
	postgres_arg_uuids(&args, who, n);
	for (int k = 0; k < 3; k++)
		postgres_arg_texts(&args, text[k], n);
	postgres_arg_times(&args, ts, n);
	postgres_arg_texts(&args, text[3], n);
	ok = postgres_exec(pg, sql_exposure_put, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

bool
experiments_restate(struct postgres *pg, const struct hash128 *customers,
    size_t count, const struct hash128 *visitor, const struct hash128 *owner,
    size_t visitors, struct error *err)
{
	struct postgres_args lock = { 0 }, old = { 0 }, new = { 0 };
	struct postgres_rows *rows;
	bool ok;

	if (count == 0)
		return true;
	postgres_arg_uuids(&lock, visitor, visitors);
	postgres_arg_uuids(&lock, customers, count);
	postgres_arg_uuids(&old, customers, count);
	postgres_arg_uuids(&new, visitor, visitors);
	postgres_arg_uuids(&new, owner, visitors);
	rows = postgres_query(pg, sql_experiment_lock, &lock, err);
	ok = rows != NULL;
	if (ok && postgres_rows_count(rows) > 0)
		ok = postgres_exec(pg, sql_experiment_take, &old, NULL, err) &&
		     postgres_exec(pg, sql_experiment_put, &new, NULL, err);
	postgres_rows_free(rows);
	postgres_args_free(&lock);
	postgres_args_free(&old);
	postgres_args_free(&new);
	return ok || error_wrap(err, "restating experiments");
}

/* --- what the arms say -------------------------------------------------------
 */

/* X(name, member of struct abtest): as experiment_results asks for them. */
#define EFFECT(X, name)                                                        \
	X(#name, name.estimate)                                                \
	X(#name "_low", name.low)                                              \
	X(#name "_high", name.high)                                            \
	X(#name "_p", name.p)                                                  \
	X(#name "_sequential_low", name.sequential_low)                        \
	X(#name "_sequential_high", name.sequential_high)                      \
	X(#name "_sequential_p", name.sequential_p)
#define STATISTICS(X)                                                          \
	X("difference", difference)                                            \
	X("z", z)                                                              \
	X("z_p", z_p)                                                          \
	X("wald_low", wald_low)                                                \
	X("wald_high", wald_high)                                              \
	X("newcombe_low", newcombe_low)                                        \
	X("newcombe_high", newcombe_high)                                      \
	X("mean_difference", mean_difference)                                  \
	X("mean_low", mean_low)                                                \
	X("mean_high", mean_high)                                              \
	X("t", t)                                                              \
	X("df", df)                                                            \
	X("t_p", t_p)                                                          \
	X("cuped_theta", cuped_theta)                                          \
	X("cuped_reduction", cuped_reduction)                                  \
	X("chance", chance)                                                    \
	X("loss_control", loss[0])                                             \
	X("loss_variant", loss[1])                                             \
	EFFECT(X, rate_lift)                                                   \
	EFFECT(X, mean_lift)                                                   \
	EFFECT(X, cuped_lift)

static const struct {
	const char *name;
	size_t offset;
} statistics[] = {
#define ROW(name, member) { name, offsetof(struct abtest, member) },
	STATISTICS(ROW)
#undef ROW
};
enum { STATISTICS_COUNT = sizeof(statistics) / sizeof(statistics[0]) };

#define NUMBER_MAX 32

/* X so that it reads back as the same; empty when it is no number. */
static struct str
number(double x, char out[NUMBER_MAX])
{
	if (!isfinite(x))
		return STR_EMPTY;
	snprintf(out, NUMBER_MAX, "%.17g", x);
	return str_of(out);
}

static struct abtest_arm
read_arm(const struct postgres_rows *r, size_t row)
{
	double v[7];

	for (size_t i = 0; i < 7; i++)
		v[i] = postgres_double(r, row, 4 + i);
	return (struct abtest_arm){ v[0], v[1], v[2], v[3], v[4], v[5], v[6] };
}

/* The readout of ROW against the CONTROL; NULL: it is the control. */
static bool
put_readout(struct postgres *pg, const struct postgres_rows *r, size_t row,
    const struct abtest_arm *control, double chi2, double srm_p,
    struct error *err)
{
	char text[STATISTICS_COUNT][NUMBER_MAX], srm[2][NUMBER_MAX];
	struct str name[STATISTICS_COUNT], value[STATISTICS_COUNT];
	struct abtest_arm arm = read_arm(r, row);
	struct postgres_args args = { 0 };
	struct abtest t;
	size_t n = 0;
	bool ok;

	if (control != NULL && abtest_has_enough(control, &arm)) {
		abtest_compare(control, &arm, &t);
		for (; n < STATISTICS_COUNT; n++) {
			name[n] = str_of(statistics[n].name);
			value[n] =
			    number(*(const double *)((const char *)&t +
						     statistics[n].offset),
				text[n]);
		}
	}
	for (size_t i = 0; i < 3; i++)
		postgres_arg_text(&args, postgres_text(r, row, i));
	postgres_arg_int8(&args, postgres_int(r, row, 11));
	postgres_arg_text(&args, number(chi2, srm[0]));
	postgres_arg_text(&args, number(srm_p, srm[1]));
	postgres_arg_texts(&args, name, n);
	postgres_arg_texts(&args, value, n);
	ok = postgres_exec(pg, sql_experiment_readout_put, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

/* The arms [FIRST, END) of R are one experiment. */
static bool
read_out_one(struct postgres *pg, const struct postgres_rows *r, size_t first,
    size_t end, struct error *err)
{
	struct abtest_arm control = read_arm(r, first);
	size_t n = end - first;
	double *customers = mem_zero(n, sizeof(*customers));
	double *weight = mem_zero(n, sizeof(*weight)), chi2, p;
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		customers[i] = postgres_double(r, first + i, 4);
		weight[i] = (double)postgres_int(r, first + i, 3);
	}
	p = abtest_srm(customers, weight, n, &chi2);
	for (size_t i = first; ok && i < end; i++)
		ok = put_readout(
		    pg, r, i, i == first ? NULL : &control, chi2, p, err);
	free(customers);
	free(weight);
	return ok;
}

bool
experiments_read_out(struct postgres *pg, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(pg, sql_experiment_stale, NULL, err);
	size_t n = r == NULL ? 0 : postgres_rows_count(r);
	bool ok = r != NULL;

	for (size_t i = 0, end; ok && i < n; i = end) {
		end = i + 1;
		while (
		    end < n &&
		    str_eq(postgres_text(r, end, 0), postgres_text(r, i, 0)) &&
		    str_eq(postgres_text(r, end, 1), postgres_text(r, i, 1)))
			end++;
		ok = read_out_one(pg, r, i, end, err);
	}
	postgres_rows_free(r);
	return ok || error_wrap(err, "reading experiments out");
}
