/*
 * customers_save.c - old credits out, new credits in, the difference to the
 * daily cells.
 */
#include "aggregator/store/customers_internal.h"

#include <stdlib.h>

#include "aggregator/store/sql.h" /* made from store/sql/ by make */

/* Of one statement; a round of the aggregator has fewer. */
#define CELLS_AT_ONCE 100000
#define ERASED_AT_ONCE 20000

/* --- what was said before ----------------------------------------------------
 */

/* An outcome as stored, for taking it back. */
struct stored {
	struct hash128 customer;
	struct str site, event_id;
	struct conversion c;
	size_t credit_cap;
};

static int
by_place(const void *va, const void *vb)
{
	const struct stored *a = va, *b = vb;
	int order;

	if (a->customer.hi != b->customer.hi)
		return a->customer.hi < b->customer.hi ? -1 : 1;
	if (a->customer.lo != b->customer.lo)
		return a->customer.lo < b->customer.lo ? -1 : 1;
	order = str_cmp(a->site, b->site);
	return order != 0 ? order : str_cmp(a->event_id, b->event_id);
}

static int
by_touch(const void *va, const void *vb)
{
	const struct credit *a = va, *b = vb;

	return a->touch_no < b->touch_no ? -1 : a->touch_no > b->touch_no;
}

static size_t
read_outcomes(
    struct customers *c, const struct postgres_rows *rows, struct stored **out)
{
	size_t n = postgres_rows_count(rows);
	struct stored *s = arena_zero(c->arena, n, sizeof(*s));

	for (size_t i = 0; i < n; i++) {
		struct conversion *v = &s[i].c;

		s[i].customer = postgres_uuid(rows, i, 0);
		s[i].site = arena_str(c->arena, postgres_text(rows, i, 1));
		s[i].event_id = arena_str(c->arena, postgres_text(rows, i, 2));
		v->purchase = postgres_bool(rows, i, 3);
		v->new_customer = postgres_bool(rows, i, 4);
		v->refunds_counted = postgres_int8s(rows, i, 6, NULL, 0);
		v->refund_days =
		    arena_zero(c->arena, v->refunds_counted, sizeof(int32_t));
		v->refund_micros =
		    arena_zero(c->arena, v->refunds_counted, sizeof(int64_t));
		postgres_days(rows, i, 5, v->refund_days, v->refunds_counted);
		postgres_int8s(
		    rows, i, 6, v->refund_micros, v->refunds_counted);
	}
	if (n > 0)
		qsort(s, n, sizeof(*s), by_place);
	*out = s;
	return n;
}

static bool
read_credits(struct customers *c, const struct postgres_rows *rows,
    struct stored *s, size_t count, struct error *err)
{
	for (size_t i = 0; i < postgres_rows_count(rows); i++) {
		struct stored key = { .customer = postgres_uuid(rows, i, 0),
			.site = postgres_text(rows, i, 1),
			.event_id = postgres_text(rows, i, 2) };
		struct stored *of =
		    bsearch(&key, s, count, sizeof(*s), by_place);
		struct credit *k;

		if (of == NULL)
			return error_set(err, ERROR_FATAL,
			    "a credit without its outcome: run roi_check");
		if (of->c.credit_count == of->credit_cap) {
			of->credit_cap =
			    of->credit_cap == 0 ? 4 : of->credit_cap * 2;
			k = arena_alloc(c->arena, of->credit_cap * sizeof(*k));
			if (of->c.credit_count > 0)
				memcpy(k, of->c.credits,
				    of->c.credit_count * sizeof(*k));
			of->c.credits = k;
		}
		k = &of->c.credits[of->c.credit_count++];
		*k = (struct credit){
			.touch_no = (int32_t)postgres_int(rows, i, 3),
			.dim = (int32_t)postgres_int(rows, i, 4),
			.conversion_day = postgres_day(rows, i, 5),
			.touch_day = postgres_day(rows, i, 6),
		};
		/* Fewer elements than models: stored before one was added. */
		postgres_int8s(rows, i, 7, k->share, MODEL_ALL);
		postgres_int8s(rows, i, 8, k->value, MODEL_ALL);
		postgres_int8s(rows, i, 9, k->refund, MODEL_ALL);
	}
	return true;
}

/* Adds (SIGN 1) or takes back what OUTCOMES and CREDITS, of the query ARGS,
 * say to the daily cells. */
static bool
count_stored(struct customers *c, struct postgres *pg,
    const struct postgres_args *args, const char *outcomes_sql,
    const char *credits_sql, int sign, struct error *err)
{
	struct postgres_rows *outcomes = NULL, *credits = NULL;
	struct stored *s;
	size_t n;
	bool ok = false;

	outcomes = postgres_query(pg, outcomes_sql, args, err);
	if (outcomes == NULL)
		goto out;
	credits = postgres_query(pg, credits_sql, args, err);
	if (credits == NULL)
		goto out;
	n = read_outcomes(c, outcomes, &s);
	if (!read_credits(c, credits, s, n, err))
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (s[i].c.credit_count > 0)
			qsort(s[i].c.credits, s[i].c.credit_count,
			    sizeof(struct credit), by_touch);
		daily_add(c->daily, sign, &s[i].c);
	}
	ok = true;
out:
	postgres_rows_free(outcomes);
	postgres_rows_free(credits);
	return ok || error_wrap(err, "reading old credits");
}

bool
customers_retract(struct customers *c, struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok;

	postgres_arg_uuids(&args, customers_keys(c), c->count);
	postgres_arg_day(&args, c->frozen_day);
	ok = count_stored(
	    c, pg, &args, sql_outcome_take, sql_credit_take, -1, err);
	postgres_args_free(&args);
	return ok;
}

bool
customers_keep_erased(
    struct customers *c, struct postgres *pg, struct error *err)
{
	struct hash128 last = { 0, 0 }, *key;
	struct postgres_args args = { 0 };
	size_t n = 1;
	bool ok = true;

	while (ok && n > 0) {
		struct postgres_rows *r;

		arena_reset(c->arena);
		postgres_args_reset(&args);
		postgres_arg_uuid(&args, last);
		postgres_arg_int8(&args, ERASED_AT_ONCE);
		r = postgres_query(pg, sql_erased_customers, &args, err);
		ok = r != NULL;
		n = ok ? postgres_rows_count(r) : 0;
		key = arena_alloc(c->arena, (n + 1) * sizeof(*key));
		for (size_t i = 0; i < n; i++)
			last = key[i] = postgres_uuid(r, i, 0);
		postgres_rows_free(r);
		postgres_args_reset(&args);
		postgres_arg_uuids(&args, key, n);
		ok = ok &&
		     (n == 0 || count_stored(c, pg, &args, sql_erased_outcomes,
				    sql_erased_credits, 1, err));
	}
	postgres_args_free(&args);
	return ok;
}

/* --- what is said now
 * ----------------------------------------------------------- */

static void
copy_outcome(
    struct postgres_copy *copy, struct hash128 customer, struct conversion *v)
{
	postgres_copy_row(copy, 13);
	postgres_copy_text(copy, v->site);
	postgres_copy_text(copy, v->event_id);
	postgres_copy_uuid(copy, customer);
	postgres_copy_int2(copy, (int16_t)v->state);
	postgres_copy_day(copy, v->day);
	postgres_copy_int8(copy, v->reporting_micros);
	if (v->foreign && v->has_rate) {
		postgres_copy_int8(copy, v->rate_micros);
		postgres_copy_day(copy, v->rate_day);
	} else {
		postgres_copy_null(copy);
		postgres_copy_null(copy);
	}
	postgres_copy_int8(copy, v->refunded_micros);
	postgres_copy_bool(copy, v->new_customer);
	postgres_copy_bool(copy, v->purchase);
	postgres_copy_days(copy, v->refund_days, v->refunds_counted);
	postgres_copy_int8s(copy, v->refund_micros, v->refunds_counted);
}

static void
copy_credit(struct postgres_copy *copy, struct hash128 customer,
    const struct conversion *v, const struct credit *k)
{
	/* Zeros of trained models that credit nothing need no room. */
	size_t models_used = MODEL_ALL;

	while (models_used > MODEL_COUNT &&
	       !attribute_credits(
		   v->credits, v->credit_count, (int)models_used - 1))
		models_used--;
	postgres_copy_row(copy, 12);
	postgres_copy_uuid(copy, customer);
	postgres_copy_text(copy, v->site);
	postgres_copy_text(copy, v->event_id);
	postgres_copy_int4(copy, k->touch_no);
	postgres_copy_int4(copy, k->dim);
	if (k->has_touch) {
		postgres_copy_time(copy, k->touch_ts_ms);
		postgres_copy_text(copy, k->touch_event_id);
	} else {
		postgres_copy_null(copy);
		postgres_copy_null(copy);
	}
	postgres_copy_day(copy, k->conversion_day);
	postgres_copy_day(copy, k->touch_day);
	postgres_copy_int8s(copy, k->share, models_used);
	postgres_copy_int8s(copy, k->value, models_used);
	postgres_copy_int8s(copy, k->refund, models_used);
}

static bool
copy_all(
    struct customers *c, struct postgres *pg, bool credits, struct error *err)
{
	struct postgres_copy *copy = postgres_copy_open(
	    pg, credits ? sql_credit_copy : sql_outcome_copy, err);

	if (copy == NULL)
		return false;
	for (size_t i = 0; i < c->count; i++) {
		struct customer *who = &c->at[i];

		for (size_t n = 0; n < who->conversion_count; n++) {
			struct conversion *v = &who->conversions[n];

			if (v->day < c->frozen_day)
				continue;
			if (!credits)
				copy_outcome(copy, who->key, v);
			for (size_t k = 0; credits && k < v->credit_count; k++)
				copy_credit(copy, who->key, v, &v->credits[k]);
		}
	}
	return postgres_copy_close(copy, err);
}

/* CELL[0..N), added to the table. */
static bool
add_cells(struct customers *c, struct postgres *pg,
    const struct daily_cell *cell, size_t n, struct error *err)
{
	struct postgres_args args = { 0 };
	int32_t *key[4];
	int64_t *sum[7];
	bool ok;

	for (int k = 0; k < 4; k++)
		key[k] = arena_alloc(c->arena, n * 4);
	for (int k = 0; k < 7; k++)
		sum[k] = arena_alloc(c->arena, n * 8);
	for (size_t i = 0; i < n; i++) {
		key[0][i] = cell[i].day;
		key[1][i] = cell[i].dim;
		key[2][i] = cell[i].basis;
		key[3][i] = cell[i].model;
		sum[0][i] = cell[i].conversions;
		sum[1][i] = cell[i].orders;
		sum[2][i] = cell[i].order_value;
		sum[3][i] = cell[i].new_customers;
		sum[4][i] = cell[i].value;
		sum[5][i] = cell[i].refund;
		sum[6][i] = cell[i].booked_refund;
	}
	postgres_arg_days(&args, key[0], n);
	for (int k = 1; k < 4; k++)
		postgres_arg_int4s(&args, key[k], n);
	for (int k = 0; k < 7; k++)
		postgres_arg_int8s(&args, sum[k], n);
	ok = postgres_exec(pg, sql_cells_add, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

bool
customers_save(struct customers *c, struct postgres *pg, struct error *err)
{
	for (size_t i = 0; i < c->count; i++) {
		for (size_t k = 0; k < c->at[i].conversion_count; k++) {
			if (c->at[i].conversions[k].day >= c->frozen_day)
				daily_add(
				    c->daily, 1, &c->at[i].conversions[k]);
		}
	}
	if (!copy_all(c, pg, false, err))
		return error_wrap(err, "writing outcomes");
	if (!copy_all(c, pg, true, err))
		return error_wrap(err, "writing credits");
	return true;
}

bool
customers_save_cells(
    struct customers *c, struct postgres *pg, struct error *err)
{
	size_t n, at_once;
	const struct daily_cell *cell = daily_cells(c->daily, &n);

	for (size_t i = 0; i < n; i += at_once) {
		at_once = n - i < CELLS_AT_ONCE ? n - i : CELLS_AT_ONCE;
		if (!add_cells(c, pg, cell + i, at_once, err))
			return error_wrap(err, "writing daily cells");
	}
	return true;
}
