/*
 * offline_internal.h - the set of events, between the files that gather,
 * compute and show it.
 */
#ifndef AGGREGATOR_REPORT_OFFLINE_INTERNAL_H
#define AGGREGATOR_REPORT_OFFLINE_INTERNAL_H

#include "aggregator/report/names.h"
#include "aggregator/report/offline.h"
#include "aggregator/report/packed.h"
#include "aggregator/report/parties.h"

struct offline_conversion {
	struct conversion_fact fact; /* texts live in the arena KEPT */
	uint32_t visitor, user;      /* parties; PARTIES_NOBODY */
	uint32_t handle[FACTS_HANDLES];
	int64_t at_ms; /* event time, or that of its click */
	uint32_t customer;
	uint32_t seq; /* place in the input */
	bool duplicate;
};

struct offline_refund {
	struct refund_fact fact;
	uint32_t seq;
	bool used;
};

/* The latest link of a visitor. */
struct offline_link {
	uint32_t visitor, user;
	int64_t ts_ms;
	struct str event_id;
};

/* A click id, e-mail address or phone number, and whose it is. */
struct offline_handle {
	uint32_t visitor, user; /* PARTIES_NOBODY */
	int64_t visitor_ms, user_ms;
	struct str visitor_event, user_event;
};

struct offline_rate {
	struct str base, currency;
	int32_t day;
	int64_t micros;
	size_t seq;
};

struct offline_sum {
	int64_t conversions, value, nulls;
};

#define OFFLINE_LIST(type)                                                     \
	struct {                                                               \
		struct type *at;                                               \
		size_t count, cap;                                             \
	}

/* Places in a list + 1, by party; 0: none. */
struct offline_index {
	uint32_t *at;
	size_t cap;
};

struct offline {
	const struct sites *sites;
	const struct rules *rules;
	struct facts *facts; /* of the last few events */
	size_t pending;
	struct buf origin_dim; /* int32_t of each origin of FACTS; -1: none */
	struct arena *kept;
	struct packed *packed;
	struct parties *parties; /* whose more than touches is known */
	struct names *dim_names, *channels, *cost_names, *path_names;
	OFFLINE_LIST(offline_dim) dims;
	OFFLINE_LIST(offline_conversion) conversions;
	OFFLINE_LIST(offline_refund) refunds;
	OFFLINE_LIST(offline_link) links;
	OFFLINE_LIST(offline_handle) handles;
	OFFLINE_LIST(offline_rate) rates;
	OFFLINE_LIST(offline_spent) costs;
	OFFLINE_LIST(offline_sum) paths;
	struct offline_index link_of;   /* by visitor: into LINKS */
	struct offline_index handle_of; /* by its party: into HANDLES */
	bool rates_sorted;
	int64_t newest_ms; /* of all events */
	struct daily *daily;
	struct buf scratch;
	struct offline_counts counts;
};

/* Room for one more in LIST; the new last element. */
#define OFFLINE_PUSH(list)                                                     \
	((list).at = offline_room(                                             \
	     (list).at, (list).count, &(list).cap, sizeof(*(list).at)),        \
	    &(list).at[(list).count++])
void *offline_room(void *at, size_t count, size_t *cap, size_t size);

/* The number of the names NAMES of SITE. */
int32_t offline_dim_of(
    struct offline *o, const struct site *site, const struct origin *names);
/* Where a conversion of SITE without a touch stands. */
int32_t offline_unattributed(struct offline *o, const struct site *site);
/* The newest rate of the eight days up to DAY, or NULL. */
const struct offline_rate *offline_find_rate(
    struct offline *o, struct str base, struct str currency, int32_t day);
/* The place in its list + 1 that INDEX has for PARTY; 0: none. */
uint32_t offline_find(const struct offline_index *index, uint32_t party);
/* The latest link of VISITOR, or NULL. */
const struct offline_link *offline_link_of(
    const struct offline *o, uint32_t visitor);
/* Leaves one conversion and refund of each id and marks the conversions that
 * lose against another of their order. Refunds are in order then. */
void offline_distinct(struct offline *o);
int offline_refund_order(const void *a, const void *b);
/* Gives each conversion its customer and sorts them by it and time. */
void offline_join(struct offline *o);
/* Takes the pending events into the set. */
void offline_absorb(struct offline *o);

#endif
