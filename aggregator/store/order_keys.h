/*
 * order_keys.h - the orders that a batch is about: locked, so that two who
 * write one see each other, and called as they are in the tables, where an
 * order id is a hash once its time is over.
 */
#ifndef AGGREGATOR_STORE_ORDER_KEYS_H
#define AGGREGATOR_STORE_ORDER_KEYS_H

#include "aggregator/journey/facts.h"
#include "common/arena.h"
#include "common/postgres.h"

/* Orders and other keys that conversions are deduplicated by. */
struct order_keys {
	struct str *site, *key; /* as they are called in the tables */
	size_t count;
	struct order_name {
		struct str site, key, hash;
	} * named; /* those that are hashed by now, sorted */
	size_t named_count;
};

/* Locks the keys of F until the transaction ends. K lives in ARENA. */
bool order_keys_lock(struct order_keys *k, struct postgres *pg,
    const struct facts *f, struct arena *arena, struct error *err) MUST_CHECK;

/* What KEY of SITE is called in the tables. */
struct str order_keys_name(
    const struct order_keys *k, struct str site, struct str key);

#endif
