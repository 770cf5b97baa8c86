/*
 * consent.h - what a person has allowed, and what the record must then not
 * hold. Applied before the record is written anywhere.
 */
#ifndef COLLECTOR_CONSENT_H
#define COLLECTOR_CONSENT_H

#include <stdbool.h>

#include "common/arena.h"
#include "common/record.h"
#include "common/str.h"

enum consent_purpose {
	CONSENT_AD_STORAGE,
	CONSENT_ANALYTICS_STORAGE,
	CONSENT_AD_USER_DATA,
	CONSENT_AD_PERSONALIZATION,
	CONSENT_PURPOSES
};

/* One letter a purpose, in the order above: granted g, denied d, unknown u. */
struct consent {
	char letter[CONSENT_PURPOSES];
};

extern const struct consent consent_unknown;

/* The purpose called NAME ("ad_storage"), or -1. */
int consent_find(struct str name);

/*
 * Sets PURPOSE from VALUE: "granted", "denied" or "unknown", or their first
 * letters. False, and nothing set, on another.
 */
bool consent_set(
    struct consent *c, enum consent_purpose purpose, struct str value);

/* Reads four letters such as "gduu". False, and nothing set, if not so. */
bool consent_letters(struct consent *c, struct str letters);

/* Sec-GPC: 1 is a legal objection to every advertising purpose. */
void consent_gpc(struct consent *c);

static inline bool
consent_denies(const struct consent *c, enum consent_purpose purpose)
{
	return c->letter[purpose] == 'd';
}

/*
 * Takes out of R what C denies and writes C into it. Changed texts live in
 * ARENA.
 */
void consent_apply(
    const struct consent *c, struct record *r, struct arena *arena);

/* True when a URL parameter of this NAME is an ad network's click id. */
bool consent_is_click_id(struct str name);

/* URL without the sign that links two domains of a site. */
struct str consent_strip_link(struct str url, struct arena *arena);

/*
 * URL with nothing that could be about one person: of its parameters only
 * utm_* stay, of its fragment only a router's path.
 */
struct str consent_strip_all(struct str url, struct arena *arena);

/* URL without its click ids; URL itself when it has none. */
struct str consent_strip(struct str url, struct arena *arena);

#endif
