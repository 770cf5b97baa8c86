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
 * A candidate in 32 bytes. 83 bits name the visit: among a hundred million
 * visits two share them once in a billion years. `when` is 0 when free, else
 * its time (42 bits), three flags and the other 19 bits of the name.
 */
struct entry {
	uint64_t name;
	int64_t signature;
	uint64_t when;
	int32_t dim;
	int32_t after_ms; /* so long after the visit began */
};
#define ASK_THE_TABLE (UINT64_C(1) << 42) /* this does not say all of it */
#define IN_VISIT (UINT64_C(1) << 43)
#define USED (UINT64_C(1) << 44)
#define TIME_MASK ((UINT64_C(1) << 42) - 1)
#define NAME_MASK (~UINT64_C(0) << 45)

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

static struct hash128
name_of(const struct visit_key *key)
{
	const uint64_t words[3] = { key->visitor.hi, key->visitor.lo,
		(uint64_t)key->session };

	return digest_hash128(str_make((const char *)words, sizeof(words)), 0);
}

/* The next entry of NAME in G from slot *AT on, or the free slot where one
 * more of it goes. */
static struct entry *
next(const struct generation *g, struct hash128 name, size_t *at)
{
	struct entry *e;

	for (;; ++*at) {
		e = &g->at[*at & (g->slots - 1)];
		if (e->when == 0 || (e->name == name.lo &&
					((e->when ^ name.hi) & NAME_MASK) == 0))
			return e;
	}
}

static void
add(struct generation *g, struct entry e)
{
	struct hash128 name = { .hi = e.when, .lo = e.name };
	size_t at = (size_t)e.name;
	struct entry *to = next(g, name, &at);

	while (to->when != 0) {
		++at;
		to = next(g, name, &at);
	}
	*to = e;
	g->count++;
}

/* Three quarters full at most, also with one more visit. */
static void
grow(struct generation *g)
{
	struct generation larger = *g;

	if (g->at != NULL && (g->count + KNOWN_MOST) * 4 <= g->slots * 3)
		return;
	larger.slots = g->slots == 0 ? FIRST_SLOTS : g->slots * 2;
	larger.count = 0;
	larger.at = mem_zero(larger.slots, sizeof(*larger.at));
	for (size_t i = 0; i < g->slots; i++) {
		if (g->at[i].when != 0)
			add(&larger, g->at[i]);
	}
	free(g->at);
	*g = larger;
}

/* What G has of NAME; false when it may not be all there is. */
static bool
read(const struct generation *g, struct hash128 name, struct candidate *out,
    size_t *count)
{
	size_t at = (size_t)name.lo;

	*count = 0;
	if (g->at == NULL)
		return true;
	for (;; at++) {
		const struct entry *e = next(g, name, &at);

		if (e->when == 0)
			return true;
		if (e->when & ASK_THE_TABLE || *count == KNOWN_MOST)
			return false;
		out[(*count)++] = (struct candidate){
			.signature = e->signature,
			.ts_ms = (int64_t)(e->when & TIME_MASK),
			.start_ms =
			    (int64_t)(e->when & TIME_MASK) - e->after_ms,
			.dim = e->dim,
			.in_visit = (e->when & IN_VISIT) != 0,
		};
	}
}

enum known_answer
known_find(const struct known *r, const struct visit_key *key, int64_t start_ms,
    struct candidate *out, size_t *count)
{
	struct hash128 name = name_of(key);

	if (!read(&r->young, name, out, count) ||
	    (*count == 0 && !read(&r->old, name, out, count)))
		return KNOWN_UNKNOWN;
	if (*count > 0)
		return KNOWN_WHOLE;
	return start_ms > r->certain_ms ? KNOWN_NEW : KNOWN_UNKNOWN;
}

static struct entry
pack(struct hash128 name, const struct candidate *c, bool whole)
{
	int64_t after = c->ts_ms - c->start_ms;
	uint64_t flags = USED | (c->in_visit ? IN_VISIT : 0);

	if (!whole || after < INT32_MIN || after > INT32_MAX)
		flags |= ASK_THE_TABLE;
	return (struct entry){ name.lo, c->signature,
		((uint64_t)c->ts_ms & TIME_MASK) | flags |
		    (name.hi & NAME_MASK),
		c->dim, (int32_t)after };
}

static void
rotate(struct known *r)
{
	if (r->young.count < r->limit)
		return;
	if (r->old.newest_ms > r->certain_ms)
		r->certain_ms = r->old.newest_ms;
	empty(&r->old);
	r->old = r->young;
	r->young = (struct generation){ NULL, 0, 0, 0 };
}

void
known_put(struct known *r, const struct visit_key *key,
    const struct candidate *at, size_t count)
{
	struct generation *g = &r->young;
	struct hash128 name = name_of(key);
	bool whole = count <= KNOWN_MOST;
	size_t slot = (size_t)name.lo;

	rotate(r);
	grow(g);
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

size_t
known_bytes(const struct known *r, size_t *touches)
{
	*touches = r->young.count + r->old.count;
	return (r->young.slots + r->old.slots) * sizeof(struct entry);
}
