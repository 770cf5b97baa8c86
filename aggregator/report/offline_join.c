/*
 * offline_join.c - whose the gathered conversions are.
 */
#include <stdlib.h>

#include "aggregator/report/offline_internal.h"

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
	static const struct offline_handle nobody = { .visitor = PACKED_NOBODY,
		.user = PACKED_NOBODY };
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
	uint32_t visitor[3] = { PACKED_NOBODY };

	if (click->visitor != PACKED_NOBODY)
		return customer_of(o, click->visitor);
	for (int i = 1; i < 3; i++) {
		const struct offline_handle *h = handle_of(o, c->handle[i]);

		user[i] = h->user;
		visitor[i] = h->visitor;
	}
	for (int i = 0; i < 3; i++) {
		if (user[i] != PACKED_NOBODY && linked[user[i]])
			return user[i];
		if (visitor[i] != PACKED_NOBODY)
			return customer_of(o, visitor[i]);
	}
	for (int i = 0; i < 3; i++) {
		if (user[i] != PACKED_NOBODY)
			return user[i];
	}
	for (int i = 1; i < 3; i++) {
		if (c->handle[i] != PACKED_NOBODY)
			return c->handle[i];
	}
	return c->handle[FACTS_CLICK];
}

void
offline_join(struct offline *o)
{
	bool *linked = mem_zero(packed_parties(o->packed) + 1, sizeof(*linked));

	for (size_t i = 0; i < o->links.count; i++)
		linked[o->links.at[i].user] = true;
	for (size_t i = 0; i < o->conversions.count; i++) {
		struct offline_conversion *c = &o->conversions.at[i];
		const struct offline_handle *click =
		    handle_of(o, c->handle[FACTS_CLICK]);

		if (c->visitor != PACKED_NOBODY) {
			c->customer = customer_of(o, c->visitor);
			continue;
		}
		c->customer = joined(o, c, linked);
		if (click->visitor != PACKED_NOBODY)
			c->at_ms =
			    attribute_time(c->fact.ts_ms, click->visitor_ms);
	}
	free(linked);
	if (o->conversions.count > 0)
		qsort(o->conversions.at, o->conversions.count,
		    sizeof(*o->conversions.at), by_customer);
}
