/*
 * offline_join.c - which of the gathered conversions count, and whose they
 * are.
 */
#include <stdlib.h>

#include "aggregator/report/offline_internal.h"

/* --- once each ------------------------------------------------------------ */

static int
by_seq(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int
by_time(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
by_event(const void *va, const void *vb)
{
	const struct offline_conversion *a = va, *b = vb;
	int order = strcmp(a->fact.site->id, b->fact.site->id);

	if (order == 0)
		order = str_cmp(a->fact.event_id, b->fact.event_id);
	if (order == 0)
		order = by_time(a->fact.ts_ms, b->fact.ts_ms);
	return order != 0 ? order : by_seq(a->seq, b->seq);
}

/* Of conversions with one event id the earliest stays. */
static void
distinct_conversions(struct offline *o)
{
	struct offline_conversion *c = o->conversions.at;
	size_t n = 0, count = o->conversions.count;

	if (count > 0)
		qsort(c, count, sizeof(*c), by_event);
	for (size_t i = 0; i < count; i++) {
		if (n == 0 || c[n - 1].fact.site != c[i].fact.site ||
		    !str_eq(c[n - 1].fact.event_id, c[i].fact.event_id))
			c[n++] = c[i];
	}
	o->counts.repeats += (int64_t)(count - n);
	o->conversions.count = n;
}

/* Those that may compete for one order stand together, the winner first. */
static int
by_rank(const void *va, const void *vb)
{
	const struct offline_conversion *a =
	    *(const struct offline_conversion *const *)va;
	const struct offline_conversion *b =
	    *(const struct offline_conversion *const *)vb;
	int order = strcmp(a->fact.site->id, b->fact.site->id);

	if (order == 0)
		order = str_cmp(a->fact.dedup_key, b->fact.dedup_key);
	if (order == 0)
		order = str_cmp(a->fact.goal, b->fact.goal);
	if (order == 0)
		order = (int)b->fact.verified - (int)a->fact.verified;
	if (order == 0)
		order = by_time(a->fact.ts_ms, b->fact.ts_ms);
	return order != 0 ? order : str_cmp(a->fact.event_id, b->fact.event_id);
}

static void
mark_duplicates(struct offline *o)
{
	size_t count = o->conversions.count, n = 0;
	struct offline_conversion **c = mem_alloc((count + 1) * sizeof(*c));

	for (size_t i = 0; i < count; i++) {
		if (o->conversions.at[i].fact.dedup_key.len > 0)
			c[n++] = &o->conversions.at[i];
	}
	if (n > 0)
		qsort(c, n, sizeof(*c), by_rank);
	for (size_t i = 1; i < n; i++)
		c[i]->duplicate =
		    c[i]->fact.site == c[i - 1]->fact.site &&
		    str_eq(c[i]->fact.dedup_key, c[i - 1]->fact.dedup_key) &&
		    str_eq(c[i]->fact.goal, c[i - 1]->fact.goal);
	free(c);
}

static int
by_refund(const void *va, const void *vb)
{
	const struct offline_refund *a = va, *b = vb;
	int order = strcmp(a->fact.site->id, b->fact.site->id);

	if (order == 0)
		order = str_cmp(a->fact.refund_id, b->fact.refund_id);
	if (order == 0)
		order = by_time(a->fact.ts_ms, b->fact.ts_ms);
	if (order == 0)
		order = str_cmp(a->fact.event_id, b->fact.event_id);
	return order != 0 ? order : by_seq(a->seq, b->seq);
}

int
offline_refund_order(const void *va, const void *vb)
{
	const struct offline_refund *a = va, *b = vb;
	int order = strcmp(a->fact.site->id, b->fact.site->id);

	if (order == 0)
		order = str_cmp(a->fact.order_id, b->fact.order_id);
	if (order == 0)
		order = by_time(a->fact.ts_ms, b->fact.ts_ms);
	return order != 0 ? order
			  : str_cmp(a->fact.refund_id, b->fact.refund_id);
}

/* Of refunds with one id the earliest stays; then by order and time. */
static void
distinct_refunds(struct offline *o)
{
	struct offline_refund *r = o->refunds.at;
	size_t n = 0, count = o->refunds.count;

	if (count == 0)
		return;
	qsort(r, count, sizeof(*r), by_refund);
	for (size_t i = 0; i < count; i++) {
		if (n == 0 || r[n - 1].fact.site != r[i].fact.site ||
		    !str_eq(r[n - 1].fact.refund_id, r[i].fact.refund_id))
			r[n++] = r[i];
	}
	o->counts.repeats += (int64_t)(count - n);
	o->refunds.count = n;
	qsort(r, n, sizeof(*r), offline_refund_order);
}

void
offline_distinct(struct offline *o)
{
	distinct_conversions(o);
	mark_duplicates(o);
	distinct_refunds(o);
}

/* --- whose they are ------------------------------------------------------- */

const struct offline_link *
offline_link_of(const struct offline *o, uint32_t visitor)
{
	uint32_t place = offline_find(&o->link_of, visitor);

	return place == 0 ? NULL : &o->links.at[place - 1];
}

static int
by_customer(const void *va, const void *vb)
{
	const struct offline_conversion *a = va, *b = vb;

	if (a->customer != b->customer)
		return (a->customer > b->customer) -
		       (a->customer < b->customer);
	if (a->at_ms != b->at_ms)
		return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
	return str_cmp(a->fact.event_id, b->fact.event_id);
}

/* The user VISITOR is linked to, else itself. */
static uint32_t
customer_of(const struct offline *o, uint32_t visitor)
{
	const struct offline_link *l = offline_link_of(o, visitor);

	return l != NULL ? l->user : visitor;
}

static const struct offline_handle *
handle_of(const struct offline *o, uint32_t party)
{
	static const struct offline_handle nobody = { .visitor = PARTIES_NOBODY,
		.user = PARTIES_NOBODY };
	uint32_t place = offline_find(&o->handle_of, party);

	return place == 0 ? &nobody : &o->handles.at[place - 1];
}

/*
 * Whose a conversion without a visitor is, as in the view
 * conversion_candidate: by its click id, its user, its e-mail address, its
 * phone number; users that no visitor is LINKED to have no touches and come
 * after what leads to some.
 */
static uint32_t
joined(const struct offline *o, const struct offline_conversion *c,
    const bool *linked)
{
	const struct offline_handle *click =
	    handle_of(o, c->handle[FACTS_CLICK]);
	uint32_t user[3] = { c->user };
	uint32_t visitor[3] = { PARTIES_NOBODY };

	if (click->visitor != PARTIES_NOBODY)
		return customer_of(o, click->visitor);
	for (int i = 1; i < 3; i++) {
		const struct offline_handle *h = handle_of(o, c->handle[i]);

		user[i] = h->user;
		visitor[i] = h->visitor;
	}
	for (int i = 0; i < 3; i++) {
		if (user[i] != PARTIES_NOBODY && linked[user[i]])
			return user[i];
		if (visitor[i] != PARTIES_NOBODY)
			return customer_of(o, visitor[i]);
	}
	for (int i = 0; i < 3; i++) {
		if (user[i] != PARTIES_NOBODY)
			return user[i];
	}
	for (int i = 1; i < 3; i++) {
		if (c->handle[i] != PARTIES_NOBODY)
			return c->handle[i];
	}
	return c->handle[FACTS_CLICK];
}

void
offline_join(struct offline *o)
{
	bool *linked = mem_zero(parties_count(o->parties) + 1, sizeof(*linked));

	for (size_t i = 0; i < o->links.count; i++)
		linked[o->links.at[i].user] = true;
	for (size_t i = 0; i < o->conversions.count; i++) {
		struct offline_conversion *c = &o->conversions.at[i];
		const struct offline_handle *click =
		    handle_of(o, c->handle[FACTS_CLICK]);

		if (c->visitor != PARTIES_NOBODY) {
			c->customer = customer_of(o, c->visitor);
			continue;
		}
		c->customer = joined(o, c, linked);
		if (click->visitor != PARTIES_NOBODY)
			c->at_ms =
			    attribute_time(c->fact.ts_ms, click->visitor_ms);
	}
	free(linked);
	if (o->conversions.count > 0)
		qsort(o->conversions.at, o->conversions.count,
		    sizeof(*o->conversions.at), by_customer);
}
