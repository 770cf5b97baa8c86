/*
 * customers.c - a round: take, read, attribute, write.
 */
#include "aggregator/store/customers.h"

#include <stdlib.h>

#include "aggregator/store/customers_internal.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */

struct customers *
customers_new(void)
{
	struct customers *c = mem_zero(1, sizeof(*c));

	c->arena = arena_new(1 << 20);
	c->dims = dims_new();
	c->daily = daily_new();
	return c;
}

void
customers_free(struct customers *c)
{
	if (c == NULL)
		return;
	arena_free(c->arena);
	dims_free(c->dims);
	daily_free(c->daily);
	free(c);
}

struct customer *
customers_find(struct customers *c, struct hash128 key)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct hash128 *k = &c->at[mid].key;

		if (k->hi < key.hi || (k->hi == key.hi && k->lo < key.lo))
			low = mid + 1;
		else
			high = mid;
	}
	if (low == c->count || c->at[low].key.hi != key.hi ||
	    c->at[low].key.lo != key.lo)
		return NULL;
	return &c->at[low];
}

/*
 * The numbers of the rows for what no touch gets, before the transaction:
 * they must stay even if it does not.
 */
static bool
resolve_unattributed(struct customers *c, struct postgres *pg,
    const struct sites *sites, struct error *err)
{
	size_t n = sites->list.count;
	const struct site *site = sites->list.at;
	struct dim_name *names = arena_alloc(c->arena, n * sizeof(*names));

	c->unattributed = arena_alloc(c->arena, n * sizeof(*c->unattributed));
	for (size_t i = 0; i < n; i++)
		names[i] = dims_unattributed(str_of(site[i].id));
	return dims_resolve(c->dims, pg, names, n, c->unattributed, err);
}

bool
customers_attribute(struct customers *c, struct postgres *pg,
    const struct sites *sites, int64_t limit, size_t *taken, struct error *err)
{
	*taken = 0;
	arena_reset(c->arena);
	daily_reset(c->daily);
	c->count = 0;
	if (!resolve_unattributed(c, pg, sites, err) ||
	    !postgres_begin(pg, err))
		return false;
	if (!postgres_exec(pg, sql_attribute_lock, NULL, NULL, err) ||
	    !customers_load(c, pg, sites, limit, err) ||
	    (c->count > 0 && !customers_retract(c, pg, err)))
		goto failed;
	for (size_t i = 0; i < c->count; i++)
		attribute(c->at[i].touches, c->at[i].touch_count,
		    c->at[i].conversions, c->at[i].conversion_count, c->arena);
	if (c->count > 0 && !customers_save(c, pg, err))
		goto failed;
	if (postgres_commit(pg, err) != POSTGRES_COMMITTED)
		goto failed;
	*taken = c->count;
	return true;
failed:
	postgres_rollback(pg);
	return false;
}
