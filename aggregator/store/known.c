/*
 * known.c - two generations of an open table: when the young one is full it
 * becomes the old one, and what was not asked for in a whole generation is
 * forgotten. Of the forgotten stays only that no visit which began by then
 * is new for certain.
 */
#include "aggregator/store/known.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024 };

/*
 * A candidate in 24 bytes. 64 bits name the visit: one in a million million
 * is taken for one of the millions that are here. `when` is 0 when free, else
 * its time (42 bits), three flags and 19 of the origin's bits; `rest` has the
 * others above the number of the dimension and how long after the visit's
 * beginning it was.
 */
struct entry {
	uint64_t name;
	uint64_t when, rest;
};
#define ASK_THE_TABLE (UINT64_C(1) << 42) /* this does not say all of it */
#define IN_VISIT (UINT64_C(1) << 43)
#define USED (UINT64_C(1) << 44)
#define TIME_MASK ((UINT64_C(1) << 42) - 1)
#define HIGH_BITS 19
#define HIGH_SHIFT 45
#define DIM_BITS 22
#define AFTER_BITS 27 /* a day and a half */
#define LOW_SHIFT (DIM_BITS + AFTER_BITS)
_Static_assert(LOW_SHIFT + VISIT_ORIGIN_BITS == 64 + HIGH_BITS, "an entry");

struct generation {
	struct entry *at;
	size_t slots, count;
	int64_t newest_ms;
};

struct known {
	size_t limit; /* touches of a generation */
	struct generation young, old;
	/* A visit that began later and is not here is not in the table. */
	int64_t certain_ms;
};

struct known *
known_new(size_t touches)
{
	struct known *r = mem_zero(1, sizeof(*r));

	r->limit = touches;
	r->certain_ms = INT64_MAX;
	return r;
}

static void
empty(struct generation *g)
{
	free(g->at);
	*g = (struct generation){ NULL, 0, 0, 0 };
}

void
known_forget(struct known *r)
{
	empty(&r->young);
	empty(&r->old);
	r->certain_ms = INT64_MAX;
}

void
known_free(struct known *r)
{
	if (r == NULL)
		return;
	known_forget(r);
	free(r);
}

static uint64_t
name_of(const struct visit_key *key)
{
	const uint64_t words[3] = { key->visitor.hi, key->visitor.lo,
		(uint64_t)key->session };

	return digest_hash64(str_make((const char *)words, sizeof(words)), 0);
}

/* Where the entries of NAME begin in G. */
static size_t
home(const struct generation *g, uint64_t name)
{
	return (size_t)((unsigned __int128)name * g->slots >> 64);
}

/* The next entry of NAME in G from slot *AT on, or the free slot where one
 * more of it goes. */
static struct entry *
next(const struct generation *g, uint64_t name, size_t *at)
{
	for (;; ++*at) {
		if (*at == g->slots)
			*at = 0;
		if (g->at[*at].when == 0 || g->at[*at].name == name)
			return &g->at[*at];
	}
}

static void
add(struct generation *g, struct entry e)
{
	size_t at = home(g, e.name);
	struct entry *to = next(g, e.name, &at);

	while (to->when != 0) {
		++at;
		to = next(g, e.name, &at);
	}
	*to = e;
	g->count++;
}

/* Slots for COUNT touches, four fifths full. */
static size_t
slots_for(size_t count)
{
	return (count + KNOWN_MOST) * 5 / 4 + 1;
}

/* Four fifths full at most, also with one more visit; LIMIT touches is where
 * it stops to grow. */
static void
grow(struct generation *g, size_t limit)
{
	struct generation larger = *g;

	if (slots_for(g->count) <= g->slots)
		return;
	larger.slots = g->slots == 0 ? FIRST_SLOTS : g->slots * 2;
	if (larger.slots > slots_for(limit + KNOWN_MOST))
		larger.slots = slots_for(limit + KNOWN_MOST);
	larger.count = 0;
	larger.at = mem_zero(larger.slots, sizeof(*larger.at));
	for (size_t i = 0; i < g->slots; i++) {
		if (g->at[i].when != 0)
			add(&larger, g->at[i]);
	}
	free(g->at);
	*g = larger;
}

static struct candidate
unpack(const struct entry *e)
{
	int64_t ts_ms = (int64_t)(e->when & TIME_MASK);
	uint64_t origin =
	    e->rest >> LOW_SHIFT << HIGH_BITS | (e->when >> HIGH_SHIFT);

	return (struct candidate){
		.signature = (int64_t)origin,
		.ts_ms = ts_ms,
		.start_ms =
		    ts_ms - (int64_t)(e->rest >> DIM_BITS &
				      ((UINT64_C(1) << AFTER_BITS) - 1)),
		.dim = (int32_t)(e->rest & ((UINT64_C(1) << DIM_BITS) - 1)),
		.in_visit = (e->when & IN_VISIT) != 0,
	};
}

/* What G has of NAME; false when it may not be all there is. */
static bool
read(const struct generation *g, uint64_t name, struct candidate *out,
    size_t *count)
{
	size_t at = home(g, name);

	*count = 0;
	if (g->at == NULL)
		return true;
	for (;; at++) {
		const struct entry *e = next(g, name, &at);

		if (e->when == 0)
			return true;
		if (e->when & ASK_THE_TABLE || *count == KNOWN_MOST)
			return false;
		out[(*count)++] = unpack(e);
	}
}

enum known_answer
known_find(const struct known *r, const struct visit_key *key, int64_t start_ms,
    struct candidate *out, size_t *count)
{
	uint64_t name = name_of(key);

	if (!read(&r->young, name, out, count) ||
	    (*count == 0 && !read(&r->old, name, out, count)))
		return KNOWN_UNKNOWN;
	if (*count > 0)
		return KNOWN_WHOLE;
	return start_ms > r->certain_ms ? KNOWN_NEW : KNOWN_UNKNOWN;
}

static struct entry
pack(uint64_t name, const struct candidate *c, bool whole)
{
	uint64_t after = (uint64_t)(c->ts_ms - c->start_ms);
	uint64_t dim = (uint64_t)c->dim;
	uint64_t origin = visit_origin(c->signature);
	uint64_t flags = USED | (c->in_visit ? IN_VISIT : 0);

	if (!whole || after >> AFTER_BITS != 0 || dim >> DIM_BITS != 0)
		flags |= ASK_THE_TABLE;
	return (struct entry){ name,
		((uint64_t)c->ts_ms & TIME_MASK) | flags | origin << HIGH_SHIFT,
		origin >> HIGH_BITS << LOW_SHIFT |
		    (after & ((UINT64_C(1) << AFTER_BITS) - 1)) << DIM_BITS |
		    (dim & ((UINT64_C(1) << DIM_BITS) - 1)) };
}

/* The memory of what is forgotten is used again: its pages are there. */
static void
rotate(struct known *r)
{
	struct generation old = r->old;

	if (r->young.count < r->limit)
		return;
	if (old.newest_ms > r->certain_ms)
		r->certain_ms = old.newest_ms;
	r->old = r->young;
	if (old.at != NULL)
		memset(old.at, 0, old.slots * sizeof(*old.at));
	r->young = (struct generation){ old.at, old.slots, 0, 0 };
}

void
known_put(struct known *r, const struct visit_key *key,
    const struct candidate *at, size_t count)
{
	struct generation *g = &r->young;
	uint64_t name = name_of(key);
	bool whole = count <= KNOWN_MOST;
	size_t slot;

	rotate(r);
	grow(g, r->limit);
	slot = home(g, name);
	/* Their order is lost with their event ids. */
	for (size_t i = 0; whole && i < count; i++) {
		for (size_t k = 0; k < i; k++)
			whole = whole && at[i].ts_ms != at[k].ts_ms;
	}
	for (size_t i = 0; i < count && i < KNOWN_MOST; i++, slot++) {
		struct entry *e = next(g, name, &slot);

		g->count += e->when == 0;
		*e = pack(name, &at[i], whole);
		if (at[i].ts_ms > g->newest_ms)
			g->newest_ms = at[i].ts_ms;
		if (at[i].start_ms > g->newest_ms)
			g->newest_ms = at[i].start_ms;
	}
}

void
known_settle(struct known *r)
{
	if (r->certain_ms == INT64_MAX && r->young.count > 0)
		r->certain_ms = r->young.newest_ms;
}

void
known_prefetch(const struct known *r, const struct visit_key *key)
{
	uint64_t name = name_of(key);

	if (r->young.at != NULL)
		__builtin_prefetch(&r->young.at[home(&r->young, name)]);
	if (r->old.at != NULL)
		__builtin_prefetch(&r->old.at[home(&r->old, name)]);
}

size_t
known_bytes(const struct known *r, size_t *touches)
{
	*touches = r->young.count + r->old.count;
	return (r->young.slots + r->old.slots) * sizeof(struct entry);
}
