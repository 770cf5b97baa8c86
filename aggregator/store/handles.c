/*
 * handles.c - many facts of one handle become one row before PostgreSQL sees
 * them.
 */
#include "aggregator/store/handles.h"

#include <stdlib.h>

#include "aggregator/store/sql.h" /* made from store/sql/ by make */

static int
by_handle(const void *va, const void *vb)
{
	const struct handle_fact *a = *(const struct handle_fact *const *)va;
	const struct handle_fact *b = *(const struct handle_fact *const *)vb;

	if (a->handle.hi != b->handle.hi)
		return a->handle.hi < b->handle.hi ? -1 : 1;
	if (a->handle.lo != b->handle.lo)
		return a->handle.lo < b->handle.lo ? -1 : 1;
	if (a->ts_ms != b->ts_ms)
		return a->ts_ms < b->ts_ms ? -1 : 1;
	return str_cmp(a->event_id, b->event_id);
}

/* Takes F, the next in order, into the last row of H: the first of a click id
 * stays, the last of anything else. */
static void
take(struct handles *h, const struct handle_fact *f)
{
	size_t i = h->count - 1;
	bool unset = (h->visitor[i].hi | h->visitor[i].lo) == 0;

	h->wanted[i] = h->wanted[i] || f->wanted;
	if (f->has_visitor && (unset || !f->click)) {
		h->visitor[i] = f->party;
		h->visitor_ms[i] = f->ts_ms;
		h->visitor_event[i] = f->event_id;
	}
	if (f->has_user) {
		h->user[i] = f->party;
		h->user_ms[i] = f->ts_ms;
		h->user_event[i] = f->event_id;
	}
}

static void
gather(struct handles *h, const struct facts *facts, struct arena *arena)
{
	size_t n = facts->handles.count;
	const struct handle_fact **f = arena_alloc(arena, n * sizeof(*f));

	*h = (struct handles){ .handle = arena_alloc(arena, n * 16),
		.visitor = arena_zero(arena, n, 16),
		.user = arena_zero(arena, n, 16),
		.visitor_ms = arena_zero(arena, n, 8),
		.user_ms = arena_zero(arena, n, 8),
		.visitor_event = arena_zero(arena, n, sizeof(struct str)),
		.user_event = arena_zero(arena, n, sizeof(struct str)),
		.wanted = arena_zero(arena, n, 1),
		.click = arena_zero(arena, n, 1) };
	for (size_t i = 0; i < n; i++)
		f[i] = &facts->handles.at[i];
	if (n > 0)
		qsort(f, n, sizeof(*f), by_handle);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || f[i]->handle.hi != f[i - 1]->handle.hi ||
		    f[i]->handle.lo != f[i - 1]->handle.lo) {
			h->handle[h->count] = f[i]->handle;
			h->click[h->count++] = f[i]->click;
		}
		take(h, f[i]);
	}
}

static void
arguments(const struct handles *h, struct postgres_args *args)
{
	postgres_arg_uuids(args, h->handle, h->count);
	postgres_arg_bools(args, h->wanted, h->count);
	postgres_arg_uuids(args, h->visitor, h->count);
	postgres_arg_times(args, h->visitor_ms, h->count);
	postgres_arg_texts(args, h->visitor_event, h->count);
	postgres_arg_uuids(args, h->user, h->count);
	postgres_arg_times(args, h->user_ms, h->count);
	postgres_arg_texts(args, h->user_event, h->count);
}

bool
handles_lock(struct handles *h, struct postgres *pg, const struct facts *facts,
    struct arena *arena, struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok;

	gather(h, facts, arena);
	if (h->count == 0)
		return true;
	arguments(h, &args);
	ok = postgres_exec(pg, sql_handle_lock, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

bool
handles_put(const struct handles *h, struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok;

	if (h->count == 0)
		return true;
	arguments(h, &args);
	postgres_arg_bools(&args, h->click, h->count);
	ok = postgres_exec(pg, sql_handle_put, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}
