/*
 * daily.c - two hash tables of changes, read out sorted.
 */
#include "aggregator/report/daily.h"

#include <stdlib.h>

/* Open addressing over an array of entries; slot holds index + 1. */
struct table {
	uint32_t *slot;
	size_t slots; /* a power of two */
	size_t count;
};

struct daily {
	struct table cell_table, traffic_table;
	struct daily_cell *cells;
	size_t cell_cap;
	struct daily_traffic *traffic;
	size_t traffic_cap;
};

struct daily *
daily_new(void)
{
	return mem_zero(1, sizeof(struct daily));
}

void
daily_free(struct daily *d)
{
	if (d == NULL)
		return;
	free(d->cell_table.slot);
	free(d->traffic_table.slot);
	free(d->cells);
	free(d->traffic);
	free(d);
}

static void
table_reset(struct table *t)
{
	if (t->slots > 0)
		memset(t->slot, 0, t->slots * sizeof(*t->slot));
	t->count = 0;
}

void
daily_reset(struct daily *d)
{
	table_reset(&d->cell_table);
	table_reset(&d->traffic_table);
}

static uint64_t
mix(uint64_t a, uint64_t b)
{
	uint64_t h = a * UINT64_C(0x9e3779b97f4a7c15) ^ b;

	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 32;
}

static uint64_t
cell_hash(const struct daily_cell *c)
{
	return mix((uint64_t)(uint32_t)c->day << 32 | (uint32_t)c->dim,
	    (uint64_t)c->basis << 16 | (uint16_t)c->model);
}

static uint64_t
traffic_hash(const struct daily_traffic *t)
{
	return mix((uint64_t)(uint32_t)t->day << 32 | (uint32_t)t->dim, 0);
}

static int
cell_order(const void *va, const void *vb)
{
	const struct daily_cell *a = va, *b = vb;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->dim != b->dim)
		return a->dim < b->dim ? -1 : 1;
	if (a->basis != b->basis)
		return a->basis < b->basis ? -1 : 1;
	return a->model < b->model ? -1 : a->model > b->model;
}

static int
traffic_order(const void *va, const void *vb)
{
	const struct daily_traffic *a = va, *b = vb;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return a->dim < b->dim ? -1 : a->dim > b->dim;
}

/* Doubles the slots of T when it is half full; REHASH places all again. */
static bool
table_grows(struct table *t)
{
	if (t->count * 2 < t->slots)
		return false;
	t->slots = t->slots == 0 ? 256 : t->slots * 2;
	free(t->slot);
	t->slot = mem_zero(t->slots, sizeof(*t->slot));
	return true;
}

static void
place(struct table *t, uint64_t hash, size_t index)
{
	size_t at = hash & (t->slots - 1);

	while (t->slot[at] != 0)
		at = (at + 1) & (t->slots - 1);
	t->slot[at] = (uint32_t)index + 1;
}

static struct daily_cell *
find_cell(struct daily *d, const struct daily_cell *key)
{
	struct table *t = &d->cell_table;
	uint64_t hash = cell_hash(key);

	if (table_grows(t)) {
		for (size_t i = 0; i < t->count; i++)
			place(t, cell_hash(&d->cells[i]), i);
	}
	for (size_t at = hash & (t->slots - 1); t->slot[at] != 0;
	     at = (at + 1) & (t->slots - 1)) {
		struct daily_cell *c = &d->cells[t->slot[at] - 1];

		if (cell_order(c, key) == 0)
			return c;
	}
	if (t->count == d->cell_cap) {
		d->cell_cap = d->cell_cap == 0 ? 256 : d->cell_cap * 2;
		d->cells = mem_grow(d->cells, d->cell_cap * sizeof(*d->cells));
	}
	place(t, hash, t->count);
	d->cells[t->count] = *key;
	return &d->cells[t->count++];
}

static struct daily_cell *
cell(struct daily *d, int32_t day, int32_t dim, int basis, int model)
{
	struct daily_cell key = { .day = day,
		.dim = dim,
		.basis = (int16_t)basis,
		.model = (int16_t)model };

	return find_cell(d, &key);
}

static void
add_credit(struct daily_cell *to, int sign, const struct conversion *c,
    const struct credit *k, int m)
{
	to->conversions += sign * k->share[m];
	to->value += sign * k->value[m];
	to->refund += sign * k->refund[m];
	if (c->purchase) {
		to->orders += sign * k->share[m];
		to->order_value += sign * k->value[m];
	}
	if (c->new_customer)
		to->new_customers += sign * k->share[m];
}

static void
add_booked_refunds(struct daily *d, int sign, const struct conversion *c)
{
	int64_t *part;

	if (c->refunds_counted == 0)
		return;
	part = mem_alloc(c->credit_count * sizeof(*part));
	for (size_t r = 0; r < c->refunds_counted; r++) {
		for (int m = 0; m < MODEL_ALL; m++) {
			if (!attribute_credits(c->credits, c->credit_count, m))
				continue;
			attribute_split_refund(c->credits, c->credit_count, m,
			    c->refund_micros[r], part);
			for (size_t i = 0; i < c->credit_count; i++)
				cell(d, c->refund_days[r], c->credits[i].dim,
				    DAILY_BY_CONVERSION, m)
				    ->booked_refund += sign * part[i];
		}
	}
	free(part);
}

void
daily_add(struct daily *d, int sign, const struct conversion *c)
{
	for (size_t i = 0; i < c->credit_count; i++) {
		const struct credit *k = &c->credits[i];

		for (int m = 0; m < MODEL_ALL; m++) {
			if (k->share[m] == 0 && k->value[m] == 0 &&
			    k->refund[m] == 0)
				continue;
			add_credit(cell(d, k->conversion_day, k->dim,
				       DAILY_BY_CONVERSION, m),
			    sign, c, k, m);
			add_credit(
			    cell(d, k->touch_day, k->dim, DAILY_BY_TOUCH, m),
			    sign, c, k, m);
		}
	}
	add_booked_refunds(d, sign, c);
}

void
daily_add_traffic(
    void *ctx, int32_t day, int32_t dim, int64_t visits, int64_t touches)
{
	struct daily *d = ctx;
	struct table *t = &d->traffic_table;
	struct daily_traffic key = { day, dim, visits, touches };
	uint64_t hash = traffic_hash(&key);

	if (table_grows(t)) {
		for (size_t i = 0; i < t->count; i++)
			place(t, traffic_hash(&d->traffic[i]), i);
	}
	for (size_t at = hash & (t->slots - 1); t->slot[at] != 0;
	     at = (at + 1) & (t->slots - 1)) {
		struct daily_traffic *c = &d->traffic[t->slot[at] - 1];

		if (c->day == day && c->dim == dim) {
			c->visits += visits;
			c->touches += touches;
			return;
		}
	}
	if (t->count == d->traffic_cap) {
		d->traffic_cap = d->traffic_cap == 0 ? 256 : d->traffic_cap * 2;
		d->traffic =
		    mem_grow(d->traffic, d->traffic_cap * sizeof(*d->traffic));
	}
	place(t, hash, t->count);
	d->traffic[t->count++] = key;
}

static bool
cell_is_zero(const struct daily_cell *c)
{
	return c->conversions == 0 && c->orders == 0 && c->order_value == 0 &&
	       c->new_customers == 0 && c->value == 0 && c->refund == 0 &&
	       c->booked_refund == 0;
}

/* After this the slots no longer match: they are made again. */
const struct daily_cell *
daily_cells(struct daily *d, size_t *count)
{
	struct table *t = &d->cell_table;
	size_t kept = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (!cell_is_zero(&d->cells[i]))
			d->cells[kept++] = d->cells[i];
	}
	if (kept > 0)
		qsort(d->cells, kept, sizeof(*d->cells), cell_order);
	table_reset(t);
	t->count = kept;
	for (size_t i = 0; i < kept; i++)
		place(t, cell_hash(&d->cells[i]), i);
	*count = kept;
	return d->cells;
}

const struct daily_traffic *
daily_traffic(struct daily *d, size_t *count)
{
	struct table *t = &d->traffic_table;
	size_t kept = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (d->traffic[i].visits != 0 || d->traffic[i].touches != 0)
			d->traffic[kept++] = d->traffic[i];
	}
	if (kept > 0)
		qsort(d->traffic, kept, sizeof(*d->traffic), traffic_order);
	table_reset(t);
	t->count = kept;
	for (size_t i = 0; i < kept; i++)
		place(t, traffic_hash(&d->traffic[i]), i);
	*count = kept;
	return d->traffic;
}
