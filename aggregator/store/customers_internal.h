/*
 * customers_internal.h - the customers of one round, between the files that
 * read, compute and write them.
 */
#ifndef AGGREGATOR_STORE_CUSTOMERS_INTERNAL_H
#define AGGREGATOR_STORE_CUSTOMERS_INTERNAL_H

#include "aggregator/models/attribute.h"
#include "aggregator/report/daily.h"
#include "aggregator/store/customers.h"
#include "aggregator/store/dims.h"

struct customer {
	struct hash128 key;
	struct touch *touches; /* ordered */
	size_t touch_count, touch_cap;
	struct conversion *conversions; /* ordered */
	size_t conversion_count;
};

struct customers {
	struct arena *arena; /* of the round; holds all texts */
	struct dims *dims;
	struct daily *daily;
	int32_t *unattributed; /* by site: where credits without touch go */
	int32_t frozen_day;    /* earlier conversions stay as they are */
	struct pins *pins;     /* by site */
	struct str *channel;   /* that the pins know, ordered by name */
	size_t channel_count;
	struct customer *at; /* sorted by key */
	size_t count;
	/* Visitors of the customers, in pairs. */
	struct hash128 *visitor, *owner;
	size_t visitor_count;
};

/* The customer of KEY, or NULL. */
struct customer *customers_find(struct customers *c, struct hash128 key);

/* The keys of all of them; lives in the arena. */
struct hash128 *customers_keys(struct customers *c);

/* customers_load.c: fills c->at. */
bool customers_load(struct customers *c, struct postgres *pg,
    const struct sites *sites, int64_t limit, struct error *err) MUST_CHECK;

/* learnt.c: what is pinned, before loading; then the channels of touches. */
bool learnt_load(struct customers *c, struct postgres *pg,
    const struct sites *sites, struct error *err) MUST_CHECK;
bool learnt_channels(
    struct customers *c, struct postgres *pg, struct error *err) MUST_CHECK;

/* customers_save.c: takes back what stands in the tables, writes the new. */
bool customers_retract(
    struct customers *c, struct postgres *pg, struct error *err) MUST_CHECK;
bool customers_save(
    struct customers *c, struct postgres *pg, struct error *err) MUST_CHECK;

#endif
