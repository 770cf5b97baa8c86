#include "aggregator/store/exports.h"

#include <stdlib.h>

#include "aggregator/store/sql.h"
#include "common/postgres.h"

#define REASON_MAX 500 /* bytes kept of what a platform says */

static void
scope_args(struct postgres_args *args, const struct exports_scope *s)
{
	postgres_args_reset(args);
	postgres_arg_text(args, str_of(s->platform));
	postgres_arg_text(args, str_of(s->site));
}

bool
exports_lock(struct postgres *pg, const struct exports_scope *s, bool *locked,
    struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;

	scope_args(&args, s);
	r = postgres_query(pg, sql_export_lock, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return false;
	*locked = postgres_bool(r, 0, 0);
	postgres_rows_free(r);
	return true;
}

static bool
with_file(struct postgres *pg, const struct exports_scope *s, const char *sql,
    const char *path, struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok;

	scope_args(&args, s);
	postgres_arg_text(&args, str_of(path));
	ok = postgres_exec(pg, sql, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

bool
exports_file_done(struct postgres *pg, const struct exports_scope *s,
    const char *path, struct error *err)
{
	return with_file(pg, s, sql_export_file_done, path, err);
}

bool
exports_recover(struct postgres *pg, const struct exports_scope *s,
    bool (*file_stands)(const char *path), struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;
	bool ok = true;

	scope_args(&args, s);
	r = postgres_query(pg, sql_export_prepared, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return false;
	for (size_t i = 0; ok && i < postgres_rows_count(r); i++) {
		char *via = str_dup(postgres_text(r, i, 0));
		bool sent = strcmp(via, EXPORTS_POST) != 0 && file_stands(via);

		ok = with_file(pg, s,
		    sent ? sql_export_file_done : sql_export_forget, via, err);
		free(via);
	}
	postgres_rows_free(r);
	return ok;
}

bool
exports_plan(struct postgres *pg, const struct exports_scope *s,
    const struct exports_question *q, struct error *err)
{
	struct postgres_args args = { 0 };
	struct str clicks[8];
	size_t n = 0;
	bool ok;

	if (!postgres_script(pg, sql_export_stage, err))
		return false;
	for (; q->clicks != NULL && q->clicks[n] != NULL && n < 8; n++)
		clicks[n] = str_of(q->clicks[n]);
	postgres_arg_text(&args, str_of(s->site));
	postgres_arg_time(&args, q->from_ms);
	postgres_arg_time(&args, q->to_ms);
	postgres_arg_text(&args, str_of(s->platform));
	postgres_arg_texts(&args, clicks, n);
	if (q->model < 0)
		postgres_arg_null(&args);
	else
		postgres_arg_int4(&args, q->model + 1);
	postgres_arg_time(&args, q->resend_since_ms);
	postgres_arg_bool(&args, q->resend);
	postgres_arg_bool(&args, q->retry);
	ok = postgres_exec(pg, sql_export_plan, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static void
read_row(const struct postgres_rows *r, size_t i, const char *currency,
    struct arena *arena, struct exports_row *out)
{
	struct hash128 who = postgres_uuid(r, i, 19);

	*out = (struct exports_row){
		.skip = (enum exports_skip)postgres_int(r, i, 1),
		.revision = (int32_t)postgres_int(r, i, 3),
		.row = { .kind = (enum export_kind)postgres_int(r, i, 2),
		    .transaction_id = postgres_text(r, i, 4),
		    .event_id = postgres_text(r, i, 5),
		    .goal = postgres_text(r, i, 6),
		    .currency = str_of(currency),
		    .ts_ms = postgres_time(r, i, 7),
		    .value_micros = postgres_int(r, i, 8),
		    .before_micros = postgres_int(r, i, 9),
		    .click_id = postgres_text(r, i, 10),
		    .click_ms =
			postgres_null(r, i, 11) ? 0 : postgres_time(r, i, 11),
		    .consent = postgres_text(r, i, 12),
		    .page_url = postgres_text(r, i, 13),
		    .user_agent = postgres_text(r, i, 14),
		    .email = postgres_text(r, i, 15),
		    .email_google = postgres_text(r, i, 16),
		    .phone = postgres_text(r, i, 17),
		    .phone_digits = postgres_text(r, i, 18),
		    .client_id = arena_printf(arena, "%u.%u",
			(unsigned)(who.hi >> 32), (unsigned)who.lo),
		    .server = postgres_bool(r, i, 20) },
	};
}

bool
exports_page(struct postgres *pg, const struct exports_scope *s, int64_t *at,
    struct exports_row *rows, size_t *count, struct arena *arena,
    struct postgres_rows **hold, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;

	postgres_arg_int8(&args, *at);
	postgres_arg_int8(&args, EXPORTS_PAGE);
	r = postgres_query(pg, sql_export_page, &args, err);
	postgres_args_free(&args);
	*hold = r;
	*count = 0;
	if (r == NULL)
		return false;
	for (; *count < postgres_rows_count(r); (*count)++) {
		read_row(r, *count, s->currency, arena, &rows[*count]);
		*at = postgres_int(r, *count, 0);
	}
	return true;
}

/* The key of ROWS as three arrays. */
struct keys {
	struct str *goal, *transaction;
	int32_t *revision;
};

static struct keys
keys_of(struct exports_row *const *rows, size_t n)
{
	struct keys k = { mem_zero(n, sizeof(struct str)),
		mem_zero(n, sizeof(struct str)), mem_zero(n, 4) };

	for (size_t i = 0; i < n; i++) {
		k.goal[i] = rows[i]->row.goal;
		k.transaction[i] = rows[i]->row.transaction_id;
		k.revision[i] = rows[i]->revision;
	}
	return k;
}

static void
keys_args(struct postgres_args *args, const struct keys *k, size_t n)
{
	postgres_arg_texts(args, k->goal, n);
	postgres_arg_texts(args, k->transaction, n);
	postgres_arg_int4s(args, k->revision, n);
}

static void
keys_free(struct keys *k)
{
	free(k->goal);
	free(k->transaction);
	free(k->revision);
}

bool
exports_prepare(struct postgres *pg, const struct exports_scope *s,
    struct exports_row *const *rows, size_t n, bool again, struct error *err)
{
	struct postgres_args args = { 0 };
	struct keys k = keys_of(rows, n);
	struct str *kind = mem_zero(n, sizeof(*kind));
	struct str *event = mem_zero(n, sizeof(*event));
	struct str *via = mem_zero(n, sizeof(*via));
	int64_t *value = mem_zero(n, 8), *before = mem_zero(n, 8);
	bool ok;

	for (size_t i = 0; i < n; i++) {
		kind[i] = str_of(export_kinds[rows[i]->row.kind]);
		event[i] = rows[i]->row.event_id;
		value[i] = rows[i]->row.value_micros;
		before[i] = rows[i]->row.before_micros;
		via[i] = str_of(rows[i]->via);
	}
	scope_args(&args, s);
	keys_args(&args, &k, n);
	postgres_arg_texts(&args, kind, n);
	postgres_arg_texts(&args, event, n);
	postgres_arg_int8s(&args, value, n);
	postgres_arg_int8s(&args, before, n);
	postgres_arg_text(&args, str_of(s->currency));
	postgres_arg_bool(&args, again);
	postgres_arg_texts(&args, via, n);
	ok = n == 0 || postgres_exec(pg, sql_export_prepare, &args, NULL, err);
	postgres_args_free(&args);
	keys_free(&k);
	free(kind);
	free(event);
	free(via);
	free(value);
	free(before);
	return ok;
}

/* At most REASON_MAX bytes, no character cut in two. */
static struct str
shortened(struct str s)
{
	size_t max = REASON_MAX;

	if (s.len <= max)
		return s;
	while (max > 0 && ((unsigned char)s.data[max] & 0xc0) == 0x80)
		max--;
	return str_head(s, max);
}

bool
exports_mark(struct postgres *pg, const struct exports_scope *s,
    struct exports_row *const *rows, size_t n, const char *state,
    const bool *taken, const struct str *reason, struct error *err)
{
	struct postgres_args args = { 0 };
	struct keys k = keys_of(rows, n);
	bool *said = mem_zero(n, sizeof(*said)), ok;
	struct str *why = mem_zero(n, sizeof(*why));

	for (size_t i = 0; taken != NULL && i < n; i++) {
		said[i] = taken[i];
		why[i] = shortened(reason[i]);
	}
	scope_args(&args, s);
	keys_args(&args, &k, n);
	postgres_arg_text(&args, taken ? STR("answered") : str_of(state));
	postgres_arg_bools(&args, said, n);
	postgres_arg_texts(&args, why, n);
	ok = n == 0 || postgres_exec(pg, sql_export_mark, &args, NULL, err);
	postgres_args_free(&args);
	keys_free(&k);
	free(said);
	free(why);
	return ok;
}
