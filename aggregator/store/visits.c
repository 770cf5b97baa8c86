/*
 * visits.c - a memory of visits in two generations, and one batch's work on
 * them.
 */
#include "aggregator/store/visits.h"

#include <stdlib.h>

#include "aggregator/journey/visit.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */

struct visit_key {
	struct hash128 visitor;
	int64_t session;
};

/* A remembered visit: one block, the event ids behind the candidates. */
struct remembered {
	struct remembered *next;
	struct visit_key key;
	size_t count;
	struct candidate at[];
};

/* When the young generation is full it becomes the old one, and what was
 * not asked for in a whole generation is forgotten. */
struct generation {
	struct remembered **bucket;
	size_t count;
};

/* A visit of the batch. */
struct work {
	struct visit_key key;
	const struct zone *zone;
	struct candidate *at;
	const struct touch_fact **fact; /* that brought it in this batch */
	size_t count, cap, old_count;   /* the first old_count were known */
	bool changed;
	bool *earlier;
};

struct visits {
	size_t limit; /* of a generation */
	size_t buckets;
	struct generation young, old;
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

	v->limit = remembered / 2 + 1;
	for (v->buckets = 1024; v->buckets < v->limit; v->buckets *= 2)
		;
	v->young.bucket = mem_zero(v->buckets, sizeof(*v->young.bucket));
	v->old.bucket = mem_zero(v->buckets, sizeof(*v->old.bucket));
	v->arena = arena_new(1 << 18);
	return v;
}

static void
empty(struct visits *v, struct generation *g)
{
	for (size_t b = 0; b < v->buckets; b++) {
		for (struct remembered *r = g->bucket[b], *next; r != NULL;
		     r = next) {
			next = r->next;
			free(r);
		}
		g->bucket[b] = NULL;
	}
	g->count = 0;
}

void
visits_forget(struct visits *v)
{
	empty(v, &v->young);
	empty(v, &v->old);
}

void
visits_free(struct visits *v)
{
	if (v == NULL)
		return;
	visits_forget(v);
	free(v->young.bucket);
	free(v->old.bucket);
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

/* Takes the visit of KEY out of G; NULL if it is not there. */
static struct remembered *
take(struct visits *v, struct generation *g, const struct visit_key *key)
{
	struct remembered **at = &g->bucket[hash(key) & (v->buckets - 1)];

	for (; *at != NULL; at = &(*at)->next) {
		struct remembered *r = *at;

		if (same(&r->key, key)) {
			*at = r->next;
			g->count--;
			return r;
		}
	}
	return NULL;
}

static void
put(struct visits *v, struct remembered *r)
{
	struct remembered **at;

	if (v->young.count >= v->limit) {
		struct generation full = v->young;

		empty(v, &v->old);
		v->young = v->old;
		v->old = full;
	}
	at = &v->young.bucket[hash(&r->key) & (v->buckets - 1)];
	r->next = *at;
	*at = r;
	v->young.count++;
}

/* The remembered visit of KEY, now in the young generation, or NULL. */
static struct remembered *
recall(struct visits *v, const struct visit_key *key)
{
	struct remembered *r = take(v, &v->young, key);

	if (r == NULL)
		r = take(v, &v->old, key);
	if (r != NULL)
		put(v, r);
	return r;
}

static void
remember(struct visits *v, const struct work *w)
{
	size_t bytes = sizeof(struct remembered) + w->count * sizeof(*w->at);
	struct remembered *r;
	char *ids;

	free(take(v, &v->young, &w->key));
	free(take(v, &v->old, &w->key));
	for (size_t i = 0; i < w->count; i++)
		bytes += w->at[i].event_id.len;
	r = mem_alloc(bytes);
	r->key = w->key;
	r->count = w->count;
	memcpy(r->at, w->at, w->count * sizeof(*w->at));
	ids = (char *)&r->at[r->count];
	for (size_t i = 0; i < r->count; i++) {
		struct str *id = &r->at[i].event_id;

		if (id->len > 0)
			memcpy(ids, id->data, id->len);
		id->data = ids;
		ids += id->len;
	}
	put(v, r);
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
		if (v->work[i].changed || v->work[i].old_count > 0)
			remember(v, &v->work[i]);
	}
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

/* The batch's visit of fact T; *UNKNOWN when it must be looked up. */
static struct work *
find_work(struct visits *v, const struct touch_fact *t, bool *unknown)
{
	struct visit_key key = { t->visitor, t->session };
	struct remembered *r;
	struct work *w;
	size_t at;

	*unknown = false;
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
	r = recall(v, &key);
	*unknown = r == NULL;
	for (size_t i = 0; r != NULL && i < r->count; i++)
		know(v, w, &r->at[i]);
	return w;
}

/* Reads the candidates of the COUNT visits with the indexes UNKNOWN. */
static bool
load(struct visits *v, struct postgres *pg, const uint32_t *unknown,
    size_t count, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *rows = NULL;
	struct hash128 *visitor = mem_alloc(count * sizeof(*visitor));
	int64_t *session = mem_alloc(count * sizeof(*session));

	for (size_t i = 0; i < count; i++) {
		visitor[i] = v->work[unknown[i]].key.visitor;
		session[i] = v->work[unknown[i]].key.session;
	}
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
	free(visitor);
	free(session);
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
		if (w->at[i].signature == c.signature &&
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

	postgres_copy_row(copy, 13);
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
	postgres_copy_bool(copy, t->origin.tagged);
	copy_optional(copy, t->origin.term);
	copy_optional(copy, t->origin.content);
	copy_optional(copy, t->origin.click_id);
	copy_optional(copy, t->origin.campaign_id);
	postgres_copy_int4(copy, t->partition);
}

static bool
write_new(struct visits *v, struct postgres *pg, struct error *err)
{
	struct postgres_copy *copy =
	    postgres_copy_open(pg, sql_touch_copy, err);

	if (copy == NULL)
		return false;
	for (size_t n = 0; n < v->work_count; n++) {
		const struct work *w = &v->work[n];

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
	ok = postgres_exec(pg, sql_touch_dirty, &args, NULL, err);
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

bool
visits_write(struct visits *v, struct postgres *pg, const struct facts *facts,
    const int32_t *dim, struct daily *daily, struct error *err)
{
	size_t count = facts->touches.count;
	uint32_t *unknown, *of;
	size_t unknown_count = 0;

	visits_drop(v);
	if (count == 0)
		return true;
	unknown = arena_alloc(v->arena, count * sizeof(*unknown));
	of = arena_alloc(v->arena, count * sizeof(*of));
	for (size_t i = 0; i < count; i++) {
		bool is_unknown;
		struct work *w =
		    find_work(v, &facts->touches.at[i], &is_unknown);

		of[i] = (uint32_t)(w - v->work);
		if (is_unknown)
			unknown[unknown_count++] = of[i];
	}
	if (unknown_count > 0 && !load(v, pg, unknown, unknown_count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		merge(v, &v->work[of[i]], &facts->touches.at[i], dim[i], daily);
	return write_changes(v, pg, daily, err);
}
