#include "aggregator/cli/cost_store.h"

#include "aggregator/store/sql.h" /* made from store/sql/ by make */

bool
cost_store_begin(struct cost_store *s, struct error *err)
{
	if (!postgres_script(s->pg, sql_cost_stage, err) ||
	    !postgres_begin(s->pg, err))
		return false;
	s->copy = postgres_copy_open(s->pg, sql_cost_stage_copy, err);
	if (s->copy != NULL)
		return true;
	postgres_rollback(s->pg);
	return false;
}

void
cost_store_undo(struct cost_store *s)
{
	postgres_copy_cancel(s->copy);
	s->copy = NULL;
	postgres_rollback(s->pg);
}

static void
copy_count(struct postgres_copy *copy, int64_t n)
{
	if (n < 0)
		postgres_copy_null(copy);
	else
		postgres_copy_int8(copy, n);
}

void
cost_store_add(struct cost_store *s, int64_t line, const struct cost_row *row,
    const struct origin *origin, struct str name)
{
	postgres_copy_row(s->copy, 13);
	postgres_copy_int8(s->copy, line);
	postgres_copy_text(s->copy, row->account);
	postgres_copy_day(s->copy, row->day);
	postgres_copy_text(s->copy, origin->source);
	postgres_copy_text(s->copy, origin->medium);
	postgres_copy_text(s->copy, origin->campaign);
	postgres_copy_text(s->copy, origin->campaign_id);
	postgres_copy_text(s->copy, name);
	postgres_copy_text(s->copy, origin->channel);
	postgres_copy_int8(s->copy, row->micros);
	postgres_copy_text(s->copy, row->currency);
	copy_count(s->copy, row->clicks);
	copy_count(s->copy, row->impressions);
}

bool
cost_store_gathered(struct cost_store *s, struct error *err)
{
	struct postgres_copy *copy = s->copy;

	s->copy = NULL;
	return postgres_copy_close(copy, err) &&
	       postgres_exec(s->pg, sql_cost_stage_analyze, NULL, NULL, err);
}

bool
cost_store_repeats(struct cost_store *s,
    void (*told)(void *ctx, int64_t line, int64_t first), void *ctx,
    struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(s->pg, sql_cost_stage_repeats, NULL, err);

	if (r == NULL)
		return false;
	for (size_t i = 0; i < postgres_rows_count(r); i++)
		told(ctx, postgres_int(r, i, 0), postgres_int(r, i, 1));
	postgres_rows_free(r);
	return true;
}

/* Platform and site, as most statements want them first. */
static void
key_args(const struct cost_store *s, struct postgres_args *args)
{
	postgres_args_reset(args);
	postgres_arg_text(args, str_of(s->platform->name));
	postgres_arg_text(args, str_of(s->site->id));
}

/* The integers of SQL's only row into A and B (NULL: one column). */
static bool
ask_ints(struct postgres *pg, const char *sql, const struct postgres_args *args,
    int64_t *a, int64_t *b, struct error *err)
{
	struct postgres_rows *r = postgres_query(pg, sql, args, err);

	if (r == NULL)
		return false;
	*a = postgres_int(r, 0, 0);
	if (b != NULL)
		*b = postgres_int(r, 0, 1);
	postgres_rows_free(r);
	return true;
}

struct merge {
	struct cost_store *store;
	const char *file;
	struct cost_counts *n;
};

static bool
merge(void *ctx, struct error *err)
{
	struct merge *m = ctx;
	struct cost_store *s = m->store;
	struct cost_counts *n = m->n;
	struct postgres_args args = { .count = 0 };
	int64_t import_id;
	bool ok = false;

	if (!postgres_exec(s->pg, sql_cost_lock, NULL, NULL, err))
		return false;
	postgres_arg_text(&args, str_of(s->site->id));
	if (!postgres_exec(s->pg, sql_cost_dimensions, &args, NULL, err))
		goto out;
	key_args(s, &args);
	postgres_arg_text(&args, str_of(m->file));
	postgres_arg_int8(&args, n->refused);
	if (!ask_ints(
		s->pg, sql_cost_import_add, &args, &import_id, &n->rows, err))
		goto out;
	key_args(s, &args);
	postgres_arg_int8(&args, import_id);
	if (!postgres_exec(s->pg, sql_cost_archive, &args, NULL, err))
		goto out;
	postgres_arg_bool(&args, s->platform->source != NULL);
	if (!postgres_exec(
		s->pg, sql_cost_supersede, &args, &n->superseded, err))
		goto out;
	key_args(s, &args);
	postgres_arg_int8(&args, import_id);
	postgres_arg_text(&args, str_of(s->site->currency));
	if (!ask_ints(
		s->pg, sql_cost_merge, &args, &n->inserted, &n->updated, err))
		goto out;
	key_args(s, &args);
	if (!ask_ints(s->pg, sql_cost_waiting, &args, &n->waiting, NULL, err))
		goto out;
	n->unchanged = n->rows - n->inserted - n->updated;
	ok = true;
out:
	postgres_args_free(&args);
	return ok;
}

bool
cost_store_merge(struct cost_store *s, const char *file, struct cost_counts *n,
    struct error *err)
{
	struct merge m = { s, file, n };

	return postgres_attempt(s->pg, merge, &m, err);
}

static void
file_args(
    const struct cost_store *s, struct str digest, struct postgres_args *args)
{
	postgres_args_reset(args);
	postgres_arg_text(args, str_of(s->site->id));
	postgres_arg_text(args, str_of(s->platform->name));
	postgres_arg_bytes(args, digest);
}

bool
cost_store_knows(
    struct cost_store *s, struct str digest, bool *known, struct error *err)
{
	struct postgres_args args = { .count = 0 };
	struct postgres_rows *r;

	file_args(s, digest, &args);
	r = postgres_query(s->pg, sql_cost_file_known, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return false;
	*known = postgres_rows_count(r) > 0;
	postgres_rows_free(r);
	return true;
}

bool
cost_store_note(struct cost_store *s, struct str digest, const char *file,
    struct error *err)
{
	struct postgres_args args = { .count = 0 };
	bool ok;

	file_args(s, digest, &args);
	postgres_arg_text(&args, str_of(file));
	ok = postgres_exec(s->pg, sql_cost_file_add, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}
