/*
 * visits.c - one batch's work on visits: what stands of them, from memory or
 * the table; what the batch's hits change; the rows.
 */
#include "aggregator/store/visits.h"

#include <stdlib.h>

#include "aggregator/store/known.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */

/* So far ahead memory is asked for: that a fact is not waited for. */
enum { AHEAD = 12 };

/* Visitors from whom on a statement is planned for their number. */
enum { WORTH_A_PLAN = 5000 };

/* A visit of the batch. */
struct work {
	struct visit_key key;
	const struct zone *zone;
	struct candidate *at;
	const struct touch_fact **fact; /* that brought it in this batch */
	size_t count, cap, old_count;   /* the first old_count were known */
	bool changed;
	bool ask; /* the table */
	bool *earlier;
};

struct visits {
	struct known *known;
	struct arena *arena; /* of the batch */
	struct work *work;
	size_t work_count, work_cap;
	uint32_t *slot; /* index into work + 1 */
	size_t slots;
};

struct visits *
visits_new(size_t remembered)
{
	struct visits *v = mem_zero(1, sizeof(*v));

	v->known = known_new(remembered);
	v->arena = arena_new(1 << 18);
	return v;
}

void
visits_forget(struct visits *v)
{
	known_forget(v->known);
}

void
visits_free(struct visits *v)
{
	if (v == NULL)
		return;
	known_free(v->known);
	arena_free(v->arena);
	free(v->work);
	free(v->slot);
	free(v);
}

static bool
same(const struct visit_key *a, const struct visit_key *b)
{
	return a->visitor.hi == b->visitor.hi &&
	       a->visitor.lo == b->visitor.lo && a->session == b->session;
}

static size_t
hash(const struct visit_key *k)
{
	return (size_t)(k->visitor.lo ^
			(uint64_t)k->session * UINT64_C(0x9e3779b97f4a7c15));
}

/* --- one batch
 * ---------------------------------------------------------------- */

void
visits_drop(struct visits *v)
{
	v->work_count = 0;
	if (v->slots > 0)
		memset(v->slot, 0, v->slots * sizeof(*v->slot));
	arena_reset(v->arena);
}

void
visits_keep(struct visits *v)
{
	for (size_t i = 0; i < v->work_count; i++) {
		const struct work *w = &v->work[i];

		if (i + AHEAD < v->work_count)
			known_prefetch(v->known, &w[AHEAD].key);
		known_put(v->known, &w->key, w->at, w->count);
	}
	known_settle(v->known);
	visits_drop(v);
}

static void
grow_slots(struct visits *v)
{
	v->slots = v->slots == 0 ? 1024 : v->slots * 2;
	free(v->slot);
	v->slot = mem_zero(v->slots, sizeof(*v->slot));
	for (size_t i = 0; i < v->work_count; i++) {
		size_t at = hash(&v->work[i].key) & (v->slots - 1);

		while (v->slot[at] != 0)
			at = (at + 1) & (v->slots - 1);
		v->slot[at] = (uint32_t)i + 1;
	}
}

/* Room for one more candidate of W. */
static void
widen(struct visits *v, struct work *w)
{
	size_t cap = w->cap == 0 ? 2 : w->cap * 2;
	struct candidate *at;
	const struct touch_fact **fact;
	bool *earlier;

	if (w->count < w->cap)
		return;
	at = arena_alloc(v->arena, cap * sizeof(*at));
	fact = arena_zero(v->arena, cap, sizeof(*fact));
	earlier = arena_zero(v->arena, cap, sizeof(*earlier));
	if (w->count > 0) {
		memcpy(at, w->at, w->count * sizeof(*at));
		memcpy(fact, w->fact, w->count * sizeof(*fact));
		memcpy(earlier, w->earlier, w->count * sizeof(*earlier));
	}
	w->at = at;
	w->fact = fact;
	w->earlier = earlier;
	w->cap = cap;
}

static void
know(struct visits *v, struct work *w, const struct candidate *c)
{
	widen(v, w);
	w->at[w->count] = *c;
	w->at[w->count].event_id = arena_str(v->arena, c->event_id);
	w->old_count = ++w->count;
}

/* What is remembered of the visit of W, which fact T is the first of. */
static void
recall(struct visits *v, struct work *w, const struct touch_fact *t)
{
	struct candidate at[KNOWN_MOST];
	size_t count;

	switch (known_find(v->known, &w->key,
	    t->start_is_said ? t->session_start_ms : INT64_MIN, at, &count)) {
	case KNOWN_UNKNOWN:
		w->ask = true;
		break;
	case KNOWN_WHOLE:
		for (size_t i = 0; i < count; i++)
			know(v, w, &at[i]);
		break;
	case KNOWN_NEW:
		break;
	}
}

/* The batch's visit of fact T. */
static struct work *
find_work(struct visits *v, const struct touch_fact *t)
{
	struct visit_key key = { t->visitor, t->session };
	struct work *w;
	size_t at;

	if (v->work_count * 2 >= v->slots)
		grow_slots(v);
	for (at = hash(&key) & (v->slots - 1); v->slot[at] != 0;
	     at = (at + 1) & (v->slots - 1)) {
		w = &v->work[v->slot[at] - 1];
		if (same(&w->key, &key))
			return w;
	}
	if (v->work_count == v->work_cap) {
		v->work_cap = v->work_cap == 0 ? 1024 : v->work_cap * 2;
		v->work = mem_grow(v->work, v->work_cap * sizeof(*v->work));
	}
	v->slot[at] = (uint32_t)v->work_count + 1;
	w = &v->work[v->work_count++];
	*w = (struct work){ .key = key, .zone = t->site->zone };
	recall(v, w, t);
	return w;
}

/* Two hits of one time are told apart by event ids, which the table has. */
static void
ask_about_ties(struct work *w, int64_t ts_ms)
{
	for (size_t i = 0; !w->ask && i < w->count; i++)
		w->ask = w->at[i].ts_ms == ts_ms;
}

/* Reads the candidates of the visits to ask for. */
static bool
load(struct visits *v, struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *rows = NULL;
	size_t count = 0;
	uint32_t *unknown = arena_alloc(v->arena, v->work_count * 4);
	struct hash128 *visitor = arena_alloc(v->arena, v->work_count * 16);
	int64_t *session = arena_alloc(v->arena, v->work_count * 8);

	for (size_t i = 0; i < v->work_count; i++) {
		struct work *w = &v->work[i];

		if (!w->ask)
			continue;
		w->count = w->old_count = 0;
		visitor[count] = w->key.visitor;
		session[count] = w->key.session;
		unknown[count++] = (uint32_t)i;
	}
	if (count == 0)
		return true;
	postgres_arg_uuids(&args, visitor, count);
	postgres_arg_int8s(&args, session, count);
	rows = postgres_query(pg, sql_visit_load, &args, err);
	for (size_t i = 0; rows != NULL && i < postgres_rows_count(rows); i++) {
		struct work *w =
		    &v->work[unknown[postgres_int(rows, i, 0) - 1]];
		struct candidate c = {
			.signature = postgres_int(rows, i, 1),
			.ts_ms = postgres_time(rows, i, 2),
			.event_id = postgres_text(rows, i, 3),
			.in_visit = !postgres_null(rows, i, 4),
			.start_ms = postgres_time(rows, i, 4),
			.dim = (int32_t)postgres_int(rows, i, 5),
		};

		know(v, w, &c);
	}
	postgres_args_free(&args);
	postgres_rows_free(rows);
	return rows != NULL;
}

static void
merge(struct visits *v, struct work *w, const struct touch_fact *t, int32_t dim,
    struct daily *daily)
{
	struct candidate c = { .signature = t->signature,
		.ts_ms = t->ts_ms,
		.event_id = t->event_id,
		.start_ms = t->session_start_ms,
		.dim = dim,
		.in_visit = t->in_visit };
	size_t where = 0;

	/* Nearly every hit: a later page of a known visit. */
	for (size_t i = 0; i < w->count; i++) {
		if (visit_origin(w->at[i].signature) ==
			visit_origin(c.signature) &&
		    visit_order(&c, &w->at[i]) >= 0)
			return;
	}
	if (!w->changed)
		visit_count(
		    w->at, w->count, w->zone, -1, daily_add_traffic, daily);
	w->changed = true;
	widen(v, w);
	switch (visit_merge(w->at, &w->count, &c, &where)) {
	case VISIT_EARLIER:
		/* The row keeps its number; same signature, same dim. */
		w->earlier[where] = where < w->old_count;
		w->fact[where] = t;
		break;
	case VISIT_NEW:
		w->earlier[where] = false;
		w->fact[where] = t;
		break;
	case VISIT_SAME:
		break;
	}
}

static void
copy_optional(struct postgres_copy *copy, struct str s)
{
	if (s.len > 0)
		postgres_copy_text(copy, s);
	else
		postgres_copy_null(copy);
}

static void
copy_touch(struct postgres_copy *copy, const struct work *w, size_t i)
{
	const struct touch_fact *t = w->fact[i];
	const struct candidate *c = &w->at[i];

	postgres_copy_row(copy, 14);
	postgres_copy_uuid(copy, w->key.visitor);
	postgres_copy_int8(copy, w->key.session);
	postgres_copy_int8(copy, c->signature);
	postgres_copy_time(copy, c->ts_ms);
	postgres_copy_text(copy, c->event_id);
	if (c->in_visit)
		postgres_copy_time(copy, c->start_ms);
	else
		postgres_copy_null(copy);
	postgres_copy_int4(copy, c->dim);
	postgres_copy_bool(copy, t->origin->tagged);
	copy_optional(copy, t->origin->term);
	copy_optional(copy, t->origin->content);
	copy_optional(copy, t->origin->click_id);
	copy_optional(copy, t->origin->campaign_id);
	postgres_copy_int4(copy, t->partition);
	postgres_copy_int4(copy, (int32_t)i);
}

/*
 * The visits in about the order of the table's key, by its first bits: rows
 * that go to neighbouring places of the index cost it half.
 */
static const uint32_t *
by_visitor(struct visits *v)
{
	enum { BITS = 17 };
	uint32_t *order = arena_alloc(v->arena, v->work_count * 4);
	uint32_t *start = arena_zero(v->arena, (1 << BITS) + 1, 4);

	for (size_t i = 0; i < v->work_count; i++)
		start[(v->work[i].key.visitor.hi >> (64 - BITS)) + 1]++;
	for (size_t b = 0; b < 1 << BITS; b++)
		start[b + 1] += start[b];
	for (size_t i = 0; i < v->work_count; i++)
		order[start[v->work[i].key.visitor.hi >> (64 - BITS)]++] =
		    (uint32_t)i;
	return order;
}

static bool
write_new(struct visits *v, struct postgres *pg, struct error *err)
{
	const uint32_t *order;
	struct postgres_copy *copy =
	    postgres_copy_open(pg, sql_touch_copy, err);

	if (copy == NULL)
		return false;
	order = by_visitor(v);
	for (size_t n = 0; n < v->work_count; n++) {
		const struct work *w = &v->work[order[n]];

		if (n + AHEAD < v->work_count)
			__builtin_prefetch(&v->work[order[n + AHEAD]]);
		for (size_t i = w->old_count; w->changed && i < w->count; i++)
			copy_touch(copy, w, i);
	}
	return postgres_copy_close(copy, err);
}

static bool
write_earlier(
    struct visits *v, struct postgres *pg, size_t count, struct error *err)
{
	struct postgres_args args = { 0 };
	struct hash128 *visitor = arena_alloc(v->arena, count * 16);
	int64_t *number[4];
	struct str *id = arena_alloc(v->arena, count * sizeof(*id));
	size_t n = 0;
	bool ok;

	for (int k = 0; k < 4; k++)
		number[k] = arena_alloc(v->arena, count * 8);
	for (size_t k = 0; k < v->work_count; k++) {
		const struct work *w = &v->work[k];

		for (size_t i = 0; w->changed && i < w->old_count; i++) {
			if (!w->earlier[i])
				continue;
			visitor[n] = w->key.visitor;
			number[0][n] = w->key.session;
			number[1][n] = w->at[i].signature;
			number[2][n] = w->at[i].ts_ms;
			id[n] = w->at[i].event_id;
			number[3][n++] = w->at[i].start_ms;
		}
	}
	postgres_arg_uuids(&args, visitor, n);
	postgres_arg_int8s(&args, number[0], n);
	postgres_arg_int8s(&args, number[1], n);
	postgres_arg_times(&args, number[2], n);
	postgres_arg_texts(&args, id, n);
	postgres_arg_times(&args, number[3], n);
	ok = postgres_exec(pg, sql_touch_earlier, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static bool
mark_dirty(
    struct visits *v, struct postgres *pg, size_t count, struct error *err)
{
	struct postgres_args args = { 0 };
	struct hash128 *visitor = arena_alloc(v->arena, count * 16);
	size_t n = 0;
	bool ok;

	for (size_t i = 0; i < v->work_count; i++) {
		if (v->work[i].changed)
			visitor[n++] = v->work[i].key.visitor;
	}
	postgres_arg_uuids(&args, visitor, n);
	ok = (n < WORTH_A_PLAN ||
		 postgres_exec(pg, sql_plan_anew, NULL, NULL, err)) &&
	     postgres_exec(pg, sql_touch_dirty, &args, NULL, err) &&
	     (n < WORTH_A_PLAN ||
		 postgres_exec(pg, sql_plan_kept, NULL, NULL, err));
	postgres_args_free(&args);
	return ok;
}

static bool
write_changes(struct visits *v, struct postgres *pg, struct daily *daily,
    struct error *err)
{
	size_t changed = 0, fresh = 0, earlier = 0;

	for (size_t n = 0; n < v->work_count; n++) {
		struct work *w = &v->work[n];

		if (!w->changed)
			continue;
		changed++;
		fresh += w->count - w->old_count;
		for (size_t i = 0; i < w->old_count; i++)
			earlier += w->earlier[i];
		visit_count(
		    w->at, w->count, w->zone, 1, daily_add_traffic, daily);
	}
	if (fresh > 0 && !write_new(v, pg, err))
		return false;
	if (earlier > 0 && !write_earlier(v, pg, earlier, err))
		return false;
	return changed == 0 || mark_dirty(v, pg, changed, err);
}

static void
look_ahead(const struct visits *v, const struct touch_fact *t)
{
	struct visit_key key = { t->visitor, t->session };

	known_prefetch(v->known, &key);
	if (v->slots > 0)
		__builtin_prefetch(&v->slot[hash(&key) & (v->slots - 1)]);
}

bool
visits_write(struct visits *v, struct postgres *pg, const struct facts *facts,
    const int32_t *dim, struct daily *daily, struct error *err)
{
	size_t count = facts->touches.count;
	uint32_t *of;

	visits_drop(v);
	if (count == 0)
		return true;
	of = arena_alloc(v->arena, count * sizeof(*of));
	for (size_t i = 0; i < count; i++) {
		if (i + AHEAD < count)
			look_ahead(v, &facts->touches.at[i + AHEAD]);
		const struct touch_fact *t = &facts->touches.at[i];
		struct work *w = find_work(v, t);

		of[i] = (uint32_t)(w - v->work);
		ask_about_ties(w, t->ts_ms);
	}
	if (!load(v, pg, err))
		return false;
	for (size_t i = 0; i < count; i++)
		merge(v, &v->work[of[i]], &facts->touches.at[i], dim[i], daily);
	return write_changes(v, pg, daily, err);
}
