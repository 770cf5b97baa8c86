/*
 * chain.c - counting: grams of channels get numbers, transitions get sums.
 *
 * A gram's key is its channels as digits; a transition's is the gram with the
 * next channel behind it. Keys that are few are places in an array, others go
 * to a hash table.
 */
#include "aggregator/models/chain.h"

#include <stdlib.h>

#include "common/str.h"

#define DIRECT_MAX (UINT64_C(1) << 24)
#define EDGES_MAX (UINT32_C(1) << 28)

struct numbering {
	uint64_t direct; /* keys below it are places; 0: a hash table */
	uint32_t *slot;  /* number + 1 */
	uint64_t *key;   /* of a slot */
	uint64_t slots;
	uint32_t count;
};

static void
numbering_make(struct numbering *n, uint64_t keys)
{
	*n = (struct numbering){ .direct = keys <= DIRECT_MAX ? keys : 0 };
	n->slots = n->direct > 0 ? n->direct : 1 << 16;
	n->slot = mem_zero(n->slots, sizeof(*n->slot));
	if (n->direct == 0)
		n->key = mem_alloc(n->slots * sizeof(*n->key));
}

static void
numbering_free(struct numbering *n)
{
	free(n->slot);
	free(n->key);
}

static uint64_t
place(const struct numbering *n, uint64_t key)
{
	uint64_t at = key * UINT64_C(0x9e3779b97f4a7c15);

	at = (at ^ at >> 29) & (n->slots - 1);
	while (n->slot[at] != 0 && n->key[at] != key)
		at = (at + 1) & (n->slots - 1);
	return at;
}

static void
grow(struct numbering *n)
{
	struct numbering old = *n;

	n->slots *= 2;
	n->slot = mem_zero(n->slots, sizeof(*n->slot));
	n->key = mem_alloc(n->slots * sizeof(*n->key));
	for (uint64_t i = 0; i < old.slots; i++) {
		if (old.slot[i] != 0) {
			uint64_t at = place(n, old.key[i]);

			n->slot[at] = old.slot[i];
			n->key[at] = old.key[i];
		}
	}
	numbering_free(&old);
}

/* The number of KEY; *FRESH when it is its first. */
static uint32_t
number(struct numbering *n, uint64_t key, bool *fresh)
{
	uint64_t at = key;

	if (n->direct == 0) {
		if ((uint64_t)n->count * 2 >= n->slots)
			grow(n);
		at = place(n, key);
		n->key[at] = key;
	}
	*fresh = n->slot[at] == 0;
	if (*fresh)
		n->slot[at] = ++n->count;
	return n->slot[at] - 1;
}

/* The sums while they are counted. */
struct counting {
	struct numbering states, edges;
	uint64_t base, wrap; /* channels + 1; base^order */
	int order;
	struct sums {
		int64_t start, converts, all;
		uint64_t key;
	} * state;
	struct edge {
		uint32_t from, to;
		int64_t all;
	} * edge;
	size_t state_cap, edge_cap;
	int32_t *path; /* without equal neighbours */
	size_t path_cap;
	int64_t paths, conversions;
};

static uint32_t
state_of(struct counting *c, uint64_t key)
{
	bool fresh;
	uint32_t s = number(&c->states, key, &fresh);

	if (fresh) {
		if (s == c->state_cap) {
			c->state_cap = s == 0 ? 1024 : c->state_cap * 2;
			c->state = mem_grow(
			    c->state, c->state_cap * sizeof(*c->state));
		}
		c->state[s] = (struct sums){ .key = key };
	}
	return s;
}

static struct edge *
edge_of(struct counting *c, uint64_t key)
{
	bool fresh;
	uint32_t e = number(&c->edges, key, &fresh);

	if (fresh) {
		if (e == c->edge_cap) {
			c->edge_cap = e == 0 ? 4096 : c->edge_cap * 2;
			c->edge =
			    mem_grow(c->edge, c->edge_cap * sizeof(*c->edge));
		}
		c->edge[e] = (struct edge){ UINT32_MAX, 0, 0 };
	}
	return &c->edge[e];
}

static size_t
collapse(struct counting *c, const struct learn_path *p)
{
	size_t n = 0;

	if (p->count > c->path_cap) {
		c->path_cap = p->count * 2;
		c->path = mem_grow(c->path, c->path_cap * sizeof(*c->path));
	}
	for (size_t i = 0; i < p->count; i++) {
		if (n == 0 || c->path[n - 1] != p->channel[i])
			c->path[n++] = p->channel[i];
	}
	return n;
}

static void
count_path(struct counting *c, const struct learn_path *p)
{
	int64_t all = p->conversions + p->nulls;
	size_t n, i = 0;
	uint64_t key = 0;
	uint32_t s;

	if (all == 0)
		return;
	n = collapse(c, p);
	for (; i < n && i < (size_t)c->order; i++)
		key = key * c->base + (uint64_t)c->path[i] + 1;
	s = state_of(c, key);
	c->state[s].start += all;
	for (; i < n; i++) {
		uint64_t longer = key * c->base + (uint64_t)c->path[i] + 1;
		struct edge *e = edge_of(c, longer);

		key = longer % c->wrap;
		if (e->from == UINT32_MAX) {
			e->from = s;
			e->to = state_of(c, key);
		}
		e->all += all;
		c->state[s].all += all;
		s = e->to;
	}
	c->state[s].converts += p->conversions;
	c->state[s].all += all;
	c->paths += all;
	c->conversions += p->conversions;
}

static void
finish_states(const struct counting *c, struct chain *out)
{
	double paths = (double)c->paths;

	for (size_t s = 0; s < out->states; s++) {
		const struct sums *sum = &c->state[s];
		uint64_t key = sum->key;

		out->start[s] = (double)sum->start / paths;
		out->converts[s] = (double)sum->converts / (double)sum->all;
		out->visits[s] = (double)sum->all / paths;
		out->length += out->visits[s];
		for (int i = c->order - 1; i >= 0; i--) {
			out->gram[s * (size_t)c->order + (size_t)i] =
			    (int32_t)(key % c->base) - 1;
			key /= c->base;
		}
	}
}

/* Edges to rows by counting. */
static void
finish_edges(const struct counting *c, struct chain *out)
{
	for (size_t e = 0; e < out->edges; e++)
		out->first[c->edge[e].from + 2]++;
	for (size_t s = 2; s < out->states + 2; s++)
		out->first[s] += out->first[s - 1];
	for (size_t e = 0; e < out->edges; e++) {
		const struct edge *from = &c->edge[e];
		size_t at = out->first[from->from + 1]++;

		out->to[at] = from->to;
		out->chance[at] =
		    (double)from->all / (double)c->state[from->from].all;
	}
}

bool
chain_make(const struct learn_paths *paths, int order, struct chain *out,
    struct error *err)
{
	struct counting c = { .base = paths->channels + 1, .wrap = 1 };
	size_t n;
	bool ok = true;

	*out = (struct chain){ .order = order };
	c.order = order;
	for (int i = 0; i < order; i++)
		c.wrap *= c.base;
	numbering_make(&c.states, c.wrap);
	numbering_make(&c.edges, c.wrap * c.base);
	for (size_t i = 0; i < paths->count && ok; i++) {
		count_path(&c, &paths->at[i]);
		ok = c.edges.count < EDGES_MAX;
	}
	n = out->states = c.states.count;
	out->edges = c.edges.count;
	if (!ok) {
		ok = error_set(err, ERROR_REJECT,
		    "a Markov chain of order %d over these paths has more than "
		    "%u transitions: take a lower order",
		    order, EDGES_MAX);
	} else if (c.conversions == 0) {
		ok = error_set(
		    err, ERROR_REJECT, "no path ends in a conversion");
	} else {
		out->gram = mem_alloc(n * (size_t)order * sizeof(*out->gram));
		out->start = mem_alloc(n * sizeof(*out->start));
		out->converts = mem_alloc(n * sizeof(*out->converts));
		out->visits = mem_alloc(n * sizeof(*out->visits));
		out->first = mem_zero(n + 2, sizeof(*out->first));
		out->to = mem_alloc((out->edges + 1) * sizeof(*out->to));
		out->chance =
		    mem_alloc((out->edges + 1) * sizeof(*out->chance));
		out->rate = (double)c.conversions / (double)c.paths;
		finish_states(&c, out);
		finish_edges(&c, out);
	}
	numbering_free(&c.states);
	numbering_free(&c.edges);
	free(c.state);
	free(c.edge);
	free(c.path);
	return ok;
}

void
chain_free(struct chain *c)
{
	free(c->gram);
	free(c->start);
	free(c->converts);
	free(c->visits);
	free(c->first);
	free(c->to);
	free(c->chance);
}
