/*
 * facts.h - what one batch of hits says: touches, conversions, refunds,
 * links, counts. The type between reading hits and writing tables.
 *
 * Facts of one batch are a set: the same hits in another order or other
 * batches lead to the same tables.
 */
#ifndef AGGREGATOR_JOURNEY_FACTS_H
#define AGGREGATOR_JOURNEY_FACTS_H

#include "aggregator/journey/landings.h"
#include "aggregator/journey/origins.h"
#include "aggregator/journey/quality.h"
#include "common/arena.h"
#include "common/digest.h"
#include "common/record.h"
#include "common/site.h"

struct agents;

/* A hit that may be a touch: the earliest of its origin in its visit. */
struct touch_fact {
	const struct site *site;
	struct hash128 visitor;
	int64_t session;   /* hash of the session id, else of the event id */
	int64_t signature; /* hash of the origin; 0 when it is not tagged */
	int64_t ts_ms;
	struct str event_id;
	bool in_visit;
	int64_t session_start_ms; /* of a visit */
	bool start_is_said; /* by the hit; else it is the hit's own time */
	const struct origin *origin; /* lent by the facts */
	uint32_t origin_no;          /* its place in facts.origins */
	int32_t partition;
};

enum facts_handle { FACTS_CLICK, FACTS_EMAIL, FACTS_PHONE, FACTS_HANDLES };

struct conversion_fact {
	const struct site *site;
	struct str event_id, goal;
	int64_t ts_ms;
	bool has_visitor, has_user;
	struct hash128 visitor, user;
	struct str order_id, dedup_key; /* empty: none */
	int64_t value_micros;
	struct str currency;
	bool verified, purchase;
	struct str lane;
	int64_t lookback_ms;
	struct str click_id; /* "gclid=...", case kept; of the hit itself */
	struct str email_sha256, phone_sha256;
	/* For the ad platforms that hash another form of them. */
	struct str email_google_sha256, phone_digits_sha256;
	struct str consent; /* four letters, as in the record */
	struct str page_url, user_agent;
	/* Without a visitor it is joined by these; zero: not named. */
	struct hash128 handle[FACTS_HANDLES];
};

/* What a hit says of a click id, an e-mail address or a phone number. */
struct handle_fact {
	struct hash128 handle;
	bool click;  /* its earliest hit says whose it is; else its latest */
	bool wanted; /* a conversion without a visitor names it */
	bool has_visitor, has_user; /* at most one; none: nothing is said */
	struct hash128 party;
	int64_t ts_ms;
	struct str event_id;
};

struct refund_fact {
	const struct site *site;
	struct str refund_id, order_id, event_id;
	int64_t ts_ms;
	int64_t value_micros;
	struct str currency;
};

struct link_fact {
	struct hash128 visitor, user;
	int64_t ts_ms;
	struct str event_id;
};

/* Somebody saw an arm of an experiment. */
struct exposure_fact {
	const struct site *site;
	struct hash128 party; /* visitor, else user */
	struct str experiment, variant, event_id;
	int64_t ts_ms;
};

struct hits_fact {
	int32_t day;
	const struct site *site;
	struct str type, lane, bot;
	int64_t hits;
};

struct dead_fact {
	int32_t partition;
	int64_t offset;
	struct str reason;
	struct str record;
};

/* A growable array in an arena. */
#define FACTS_OF(type)                                                         \
	struct {                                                               \
		struct type *at;                                               \
		size_t count, cap;                                             \
	}

struct facts {
	int64_t kept_since_ms; /* what is older is refused; stays on reset */
	struct arena *arena;   /* holds everything below */
	FACTS_OF(touch_fact) touches;
	struct origins origins;
	struct agents *agents; /* outlives a batch, as do the next two */
	struct landings *landings;
	struct buf text;
	FACTS_OF(conversion_fact) conversions;
	FACTS_OF(refund_fact) refunds;
	FACTS_OF(link_fact) links;
	FACTS_OF(handle_fact) handles;
	FACTS_OF(exposure_fact) exposures;
	size_t forged; /* exposures left out: the hash says another arm */
	FACTS_OF(hits_fact) hits;
	FACTS_OF(dead_fact) dead;
	FACTS_OF(quality_fact) quality;
	uint32_t quality_slot[QUALITY_SLOTS]; /* places to look at first */
	FACTS_OF(refusal_fact) refusals;
	FACTS_OF(bot_landing_fact) bot_landings;
};

/* The caller owns the result. */
struct facts *facts_new(void);
void facts_free(struct facts *f); /* NULL is allowed */
/* Forgets all facts and their memory. */
void facts_reset(struct facts *f);

/*
 * Adds what RECORD (from PARTITION) says to F. False and ERR (ERROR_REJECT)
 * when it is of no use: the caller makes it a dead letter. Copies what it
 * keeps.
 */
bool facts_add(struct facts *f, const struct sites *sites,
    const struct rules *rules, const struct record *record, int32_t partition,
    struct error *err) MUST_CHECK;
/* Sets the record at OFFSET aside, whole. Copies. */
void facts_add_dead(struct facts *f, int32_t partition, int64_t offset,
    struct str reason, struct str record);

/* For those who add to the lists: room for one more in the array AT of COUNT
 * elements of SIZE bytes. */
void *facts_room(
    struct arena *a, void *at, size_t count, size_t *cap, size_t size);
#define FACTS_ADD(f, list)                                                     \
	((f)->list.at = facts_room((f)->arena, (f)->list.at, (f)->list.count,  \
	     &(f)->list.cap, sizeof(*(f)->list.at)),                           \
	    &(f)->list.at[(f)->list.count++])
/* The place of ORIGIN in F's origins. */
uint32_t facts_origin_no(
    struct facts *f, const struct site *site, const struct origin *origin);

/* Whether it came from a browser, as far as we know, which has no clock that
 * we trust. */
bool facts_is_of_browser(const struct record *record);
/* Whether the wait in the browser that a hit of it states is to be believed. */
bool facts_wait_is_possible(const struct record *record);
/* Whether days and rows can hold MS. */
bool facts_time_is_possible(int64_t ms);
/* Event time by DEFINITIONS: see docs/record.md. */
int64_t facts_event_time_ms(const struct record *record);
/* The keys under which visitors and users stand in the tables. */
struct hash128 facts_visitor_key(struct str site, struct str visitor_id);
struct hash128 facts_user_key(struct str site, struct str user_id);

#endif
