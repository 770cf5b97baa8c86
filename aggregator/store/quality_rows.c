/*
 * quality_rows.c - facts of quality as rows, for a batch and for a rebuild.
 */
#include "aggregator/store/quality_rows.h"

#include "aggregator/store/sql.h" /* made from store/sql/ by make */

static bool
add_counts(struct postgres *pg, const struct facts *f, struct arena *arena,
    struct error *err)
{
	size_t n = f->quality.count;
	struct postgres_args args = { 0 };
	struct str *site = arena_alloc(arena, n * sizeof(*site));
	int32_t *day = arena_alloc(arena, n * sizeof(*day));
	int64_t *number = arena_alloc(arena, n * sizeof(*number));
	bool ok;

	for (size_t i = 0; i < n; i++) {
		site[i] = str_of(f->quality.at[i].site->id);
		day[i] = f->quality.at[i].day;
	}
	postgres_arg_texts(&args, site, n);
	postgres_arg_days(&args, day, n);
	for (int k = 0; k < QUALITY_COUNT; k++) {
		for (size_t i = 0; i < n; i++)
			number[i] = f->quality.at[i].count[k];
		postgres_arg_int8s(&args, number, n);
	}
	for (size_t i = 0; i < n; i++)
		number[i] = f->quality.at[i].last_received_ms;
	postgres_arg_times(&args, number, n);
	ok = postgres_exec(pg, sql_quality_add, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static bool
add_refusals(struct postgres *pg, const struct facts *f, struct arena *arena,
    struct error *err)
{
	size_t n = f->refusals.count;
	struct postgres_args args = { 0 };
	struct str *site = arena_alloc(arena, n * sizeof(*site));
	int32_t *day = arena_alloc(arena, n * sizeof(*day));
	struct str *reason = arena_alloc(arena, n * sizeof(*reason));
	int64_t *hits = arena_alloc(arena, n * sizeof(*hits));
	bool ok;

	for (size_t i = 0; i < n; i++) {
		site[i] = str_of(f->refusals.at[i].site->id);
		day[i] = f->refusals.at[i].day;
		reason[i] = f->refusals.at[i].reason;
		hits[i] = f->refusals.at[i].hits;
	}
	postgres_arg_texts(&args, site, n);
	postgres_arg_days(&args, day, n);
	postgres_arg_texts(&args, reason, n);
	postgres_arg_int8s(&args, hits, n);
	ok = postgres_exec(pg, sql_refusal_add, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static bool
add_bot_landings(struct postgres *pg, const struct facts *f,
    const int32_t *origin_dim, struct arena *arena, struct error *err)
{
	size_t n = f->bot_landings.count;
	struct postgres_args args = { 0 };
	int32_t *day = arena_alloc(arena, n * sizeof(*day));
	int32_t *dim = arena_alloc(arena, n * sizeof(*dim));
	struct str *bot = arena_alloc(arena, n * sizeof(*bot));
	bool *redirect = arena_alloc(arena, n * sizeof(*redirect));
	bool ok;

	for (size_t i = 0; i < n; i++) {
		const struct bot_landing_fact *b = &f->bot_landings.at[i];

		day[i] = b->day;
		dim[i] = origin_dim[b->origin_no];
		bot[i] = b->bot;
		redirect[i] = b->redirect;
	}
	postgres_arg_days(&args, day, n);
	postgres_arg_int4s(&args, dim, n);
	postgres_arg_texts(&args, bot, n);
	postgres_arg_bools(&args, redirect, n);
	ok = postgres_exec(pg, sql_bot_landing_add, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

bool
quality_write(struct postgres *pg, const struct facts *f,
    const int32_t *origin_dim, struct arena *arena, struct error *err)
{
	return (f->quality.count == 0 || add_counts(pg, f, arena, err)) &&
	       (f->refusals.count == 0 || add_refusals(pg, f, arena, err)) &&
	       (f->bot_landings.count == 0 ||
		   add_bot_landings(pg, f, origin_dim, arena, err));
}

/* --- a rebuild ------------------------------------------------------------ */

static bool
copy_counts(struct postgres *pg, const struct facts *f, struct error *err)
{
	struct postgres_copy *c =
	    postgres_copy_open(pg, sql_rebuild_copy_quality, err);

	for (size_t i = 0; c != NULL && i < f->quality.count; i++) {
		const struct quality_fact *q = &f->quality.at[i];

		postgres_copy_row(c, 3 + QUALITY_COUNT);
		postgres_copy_text(c, str_of(q->site->id));
		postgres_copy_day(c, q->day);
		for (int k = 0; k < QUALITY_COUNT; k++)
			postgres_copy_int8(c, q->count[k]);
		if (q->last_received_ms > 0)
			postgres_copy_time(c, q->last_received_ms);
		else
			postgres_copy_null(c);
	}
	return c != NULL && postgres_copy_close(c, err);
}

static bool
copy_refusals(struct postgres *pg, const struct facts *f, struct error *err)
{
	struct postgres_copy *c =
	    postgres_copy_open(pg, sql_rebuild_copy_refusal, err);

	for (size_t i = 0; c != NULL && i < f->refusals.count; i++) {
		const struct refusal_fact *x = &f->refusals.at[i];

		postgres_copy_row(c, 4);
		postgres_copy_text(c, str_of(x->site->id));
		postgres_copy_day(c, x->day);
		postgres_copy_text(c, x->reason);
		postgres_copy_int8(c, x->hits);
	}
	return c != NULL && postgres_copy_close(c, err);
}

static bool
copy_bot_landings(struct postgres *pg, const struct facts *f,
    const int32_t *dim, struct error *err)
{
	struct postgres_copy *c =
	    postgres_copy_open(pg, sql_rebuild_copy_bot_landing, err);

	for (size_t i = 0; c != NULL && i < f->bot_landings.count; i++) {
		const struct bot_landing_fact *b = &f->bot_landings.at[i];

		postgres_copy_row(c, 5);
		postgres_copy_day(c, b->day);
		postgres_copy_int4(c, dim[i]);
		postgres_copy_text(c, b->bot);
		postgres_copy_int8(c, !b->redirect);
		postgres_copy_int8(c, b->redirect);
	}
	return c != NULL && postgres_copy_close(c, err);
}

bool
quality_copy(struct postgres *pg, const struct facts *f,
    const int32_t *landing_dim, struct error *err)
{
	return (f->quality.count == 0 || copy_counts(pg, f, err)) &&
	       (f->refusals.count == 0 || copy_refusals(pg, f, err)) &&
	       (f->bot_landings.count == 0 ||
		   copy_bot_landings(pg, f, landing_dim, err));
}
