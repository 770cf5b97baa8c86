/*
 * learnt.c - what the pinned versions of trained models weigh, for one round
 * of attribution. Read in the round's transaction, behind its lock: whoever
 * pins a version waits for the rounds that do not know it.
 */
#include <stdlib.h>

#include "aggregator/store/customers_internal.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */

static bool
same_pin(const struct postgres_rows *r, size_t a, size_t b)
{
	return str_eq(postgres_text(r, a, 0), postgres_text(r, b, 0)) &&
	       postgres_int(r, a, 1) == postgres_int(r, b, 1) &&
	       postgres_day(r, a, 2) == postgres_day(r, b, 2);
}

/* The pin of rows FROM..TO goes to its site's; they come ordered by day. */
static void
add_pin(struct customers *c, const struct postgres_rows *r, size_t from,
    size_t to, const struct sites *sites)
{
	const struct site *site = sites_find(sites, postgres_text(r, from, 0));
	int64_t t = postgres_int(r, from, 1) - MODEL_COUNT;
	struct pin *larger;
	struct pins *pins;
	double *weight;
	size_t n;

	if (site == NULL || t < 0 || t >= PINS_TRAINED)
		return;
	pins = &c->pins[site - (const struct site *)sites->list.at];
	weight = arena_zero(c->arena, c->channel_count, sizeof(*weight));
	for (size_t i = from; i < to; i++)
		weight[postgres_int(r, i, 5)] = postgres_double(r, i, 4);
	n = pins->of[t].count;
	larger = arena_alloc(c->arena, (n + 1) * sizeof(*larger));
	if (n > 0)
		memcpy(larger, pins->of[t].at, n * sizeof(*larger));
	larger[n] = (struct pin){ postgres_day(r, from, 2), weight };
	pins->channels = c->channel_count;
	pins->of[t].at = larger;
	pins->of[t].count = n + 1;
}

bool
learnt_load(struct customers *c, struct postgres *pg, const struct sites *sites,
    struct error *err)
{
	struct postgres_rows *r = postgres_query(pg, sql_pins_load, NULL, err);
	size_t n;

	if (r == NULL)
		return error_wrap(err, "reading the pinned models");
	n = postgres_rows_count(r);
	c->pins = arena_zero(c->arena, sites->list.count, sizeof(*c->pins));
	c->channel_count = 0;
	for (size_t i = 0; i < n; i++) {
		size_t number = (size_t)postgres_int(r, i, 5);

		if (number >= c->channel_count)
			c->channel_count = number + 1;
	}
	c->channel =
	    arena_zero(c->arena, c->channel_count, sizeof(*c->channel));
	for (size_t i = 0; i < n; i++)
		c->channel[postgres_int(r, i, 5)] =
		    arena_str(c->arena, postgres_text(r, i, 3));
	for (size_t from = 0, i = 0; i < n; i++) {
		if (i + 1 < n && same_pin(r, i, i + 1))
			continue;
		add_pin(c, r, from, i + 1, sites);
		from = i + 1;
	}
	postgres_rows_free(r);
	return true;
}

static int
by_number(const void *va, const void *vb)
{
	int32_t a = *(const int32_t *)va, b = *(const int32_t *)vb;

	return (a > b) - (a < b);
}

static int
by_name(const void *name, const void *channel)
{
	return str_cmp(*(const struct str *)name, *(const struct str *)channel);
}

/* The number of the channel NAME, or -1. */
static int32_t
number_of(const struct customers *c, struct str name)
{
	const struct str *at =
	    bsearch(&name, c->channel, c->channel_count, sizeof(name), by_name);

	return at == NULL ? -1 : (int32_t)(at - c->channel);
}

/* All dims of the touches, each once, ordered. */
static int32_t *
dims_of(struct customers *c, size_t *count)
{
	size_t n = 0, kept = 0;
	int32_t *dim;

	for (size_t i = 0; i < c->count; i++)
		n += c->at[i].touch_count;
	dim = arena_alloc(c->arena, (n + 1) * sizeof(*dim));
	n = 0;
	for (size_t i = 0; i < c->count; i++) {
		for (size_t t = 0; t < c->at[i].touch_count; t++)
			dim[n++] = c->at[i].touches[t].dim;
	}
	if (n > 0)
		qsort(dim, n, sizeof(*dim), by_number);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || dim[kept - 1] != dim[i])
			dim[kept++] = dim[i];
	}
	*count = kept;
	return dim;
}

bool
learnt_channels(struct customers *c, struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;
	int32_t *dim, *found, *number;
	size_t n;

	if (c->channel_count == 0)
		return true;
	dim = dims_of(c, &n);
	postgres_arg_int4s(&args, dim, n);
	r = postgres_query(pg, sql_dimension_channels, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return error_wrap(err, "reading channels");
	n = postgres_rows_count(r);
	found = arena_alloc(c->arena, (n + 1) * sizeof(*found));
	number = arena_alloc(c->arena, (n + 1) * sizeof(*number));
	for (size_t i = 0; i < n; i++) {
		found[i] = (int32_t)postgres_int(r, i, 0);
		number[i] = number_of(c, postgres_text(r, i, 1));
	}
	postgres_rows_free(r);
	for (size_t i = 0; i < c->count; i++) {
		for (size_t t = 0; t < c->at[i].touch_count; t++) {
			struct touch *to = &c->at[i].touches[t];
			const int32_t *at = bsearch(
			    &to->dim, found, n, sizeof(*found), by_number);

			to->channel = at == NULL ? -1 : number[at - found];
		}
	}
	return true;
}
