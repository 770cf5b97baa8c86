/*
 * customers.c - a round: take, read, attribute, write.
 */
#include "aggregator/store/customers.h"

#include <stdlib.h>

#include "aggregator/store/customers_internal.h"
#include "aggregator/store/experiments.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/metrics.h"

/* Memory for so many customers with their touches; fewer statements. */
#define ALL_AT_A_TIME 20000

/* 1970: no event is older. */
#define FIRST_DAY 0

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

/* Touches of conversions before that day are gone, or they are all there. */
static bool
load_frozen(struct customers *c, struct postgres *pg, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(pg, sql_retention_frozen, NULL, err);

	if (r == NULL)
		return false;
	c->frozen_day =
	    postgres_rows_count(r) > 0 ? postgres_day(r, 0, 1) : FIRST_DAY;
	postgres_rows_free(r);
	return true;
}

/* Up to LIMIT customers: *TAKEN of them, 0 when none is left. The daily cells
 * are gathered. */
static bool
round_of(struct customers *c, struct postgres *pg, const struct sites *sites,
    int64_t limit, bool retract, size_t *taken, struct error *err)
{
	c->count = 0;
	if (!customers_load(c, pg, sites, limit, err))
		return false;
	*taken = c->count;
	if (c->count == 0)
		return true;
	/* All events at hand, so all conversions can be computed. */
	c->frozen_day = FIRST_DAY;
	if (retract && !load_frozen(c, pg, err))
		return false;
	if (retract && !customers_retract(c, pg, err))
		return false;
	for (size_t i = 0; i < c->count; i++)
		attribute(c->at[i].touches, c->at[i].touch_count,
		    c->at[i].conversions, c->at[i].conversion_count, c->arena);
	for (size_t i = 0; i < c->count; i++) {
		for (size_t k = 0; k < c->at[i].conversion_count; k++)
			metrics_add(METRIC_TOUCHES_LEFT_OUT,
			    c->at[i].conversions[k].left_out);
	}
	return customers_save(c, pg, err);
}

bool
customers_attribute(struct customers *c, struct postgres *pg,
    const struct sites *sites, int64_t limit, size_t *taken, struct error *err)
{
	size_t count;

	*taken = 0;
	arena_reset(c->arena);
	daily_reset(c->daily);
	if (!resolve_unattributed(c, pg, sites, err) ||
	    !postgres_begin(pg, err))
		return false;
	if (!postgres_exec(pg, sql_attribute_lock, NULL, NULL, err) ||
	    !round_of(c, pg, sites, limit, true, &count, err) ||
	    !customers_save_cells(c, pg, err) ||
	    !experiments_restate(pg, customers_keys(c), c->count, c->visitor,
		c->owner, c->visitor_count, err) ||
	    postgres_commit(pg, err) != POSTGRES_COMMITTED) {
		postgres_rollback(pg);
		return false;
	}
	*taken = count;
	return true;
}

void
customers_days(
    struct customers *c, void (*changed)(void *ctx, int32_t day), void *ctx)
{
	size_t n;
	const struct daily_cell *cell = daily_cells(c->daily, &n);

	for (size_t i = 0; i < n; i++) {
		if (i == 0 || cell[i].day != cell[i - 1].day)
			changed(ctx, cell[i].day);
	}
}

bool
customers_prepare(struct customers *c, struct postgres *pg,
    const struct sites *sites, struct error *err)
{
	daily_reset(c->daily);
	return resolve_unattributed(c, pg, sites, err);
}

bool
customers_round(struct customers *c, struct postgres *pg,
    const struct sites *sites, bool retract, size_t *taken, struct error *err)
{
	arena_reset(c->arena);
	/* The arena had the numbers, the dims remember them. */
	return resolve_unattributed(c, pg, sites, err) &&
	       round_of(c, pg, sites, ALL_AT_A_TIME, retract, taken, err);
}
