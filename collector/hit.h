/*
 * hit.h - one event as a client states it, and what its request shows,
 * become one record: checked field by field, with the consent applied.
 *
 * A hit is taken whole or refused with a reason. Only texts that describe
 * (url, referrer, title, user agent) are cut to their limit instead: a long
 * address is no cause to lose a visit. Members that we do not know are
 * skipped and counted.
 */
#ifndef COLLECTOR_HIT_H
#define COLLECTOR_HIT_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/consent.h"
#include "collector/salt.h"
#include "collector/visitor.h"
#include "common/arena.h"
#include "common/erased.h"
#include "common/json.h"
#include "common/metrics.h"
#include "common/record.h"
#include "common/site.h"
#include "common/str.h"

enum hit_lane {
	HIT_BROWSER = 1,  /* anyone may send: states little about itself */
	HIT_PIXEL = 2,    /* the same by GET */
	HIT_SERVER = 4,   /* signed: states everything itself */
	HIT_REDIRECT = 8, /* a click on a link to /r: only the campaign */
	/* A server that speaks another system's protocol without a secret: it
	 * names the browser it speaks for, and is believed as one. */
	HIT_COMPATIBLE = 16
};

/* One stated value: from JSON with NODE, from a query always a string. */
struct hit_stated {
	enum json_type type;
	struct str text;
	const struct json *node; /* NULL from a query */
};

struct hit_pair {
	struct str name;
	struct hit_stated value;
};

/* Why a hit was not taken. Both texts are ours: safe to send back. */
struct hit_refusal {
	const char *field; /* "" when it is about the whole */
	const char *why;
	enum metric metric;
};

/* The cookies of one request and what becomes of them over its hits. */
struct hit_cookies {
	struct str key;              /* signs them */
	struct str visitor, session; /* as sent; empty when not */
	const struct texts *ignored_referrers;

	/* What the hits made of them. */
	bool read;          /* the two below were looked at */
	bool visitor_known; /* ours, as sent or minted now */
	bool visitor_new;
	bool session_known;
	bool session_changed;
	bool clear; /* a hit denied storage: delete what was sent */
	struct visitor who;
	struct session visit;
	const struct site *site; /* of the last hit that used them */
};

/* What a request says about every hit in it. Unknown texts are empty. */
struct hit_context {
	enum hit_lane lane;
	const struct sites *sites;
	const struct erased *erased; /* NULL: nobody */
	struct arena *arena;
	int64_t now_ms;
	struct str host;       /* names the site when the hit does not */
	struct str ip;         /* truncated */
	struct str user_agent; /* the rest as sent in the header */
	struct str referer;
	struct str language;
	struct str purpose;
	struct str address; /* whole, for the day's ids; never recorded */
	struct salt *salt;  /* NULL: no such ids */
	bool gpc;
	bool dnt;
	bool opted_out;
	struct hit_cookies *cookies; /* NULL: none, as on the server lane */
};

/*
 * Makes *R from EVENT, an object. What R points to lives as long as EVENT,
 * CTX, its cookies (until the next hit) and its arena. False and *NO when
 * the hit is refused; *SITE is set (or NULL) in both cases.
 */
bool hit_from_json(const struct hit_context *ctx, const struct json *event,
    struct record *r, const struct site **site,
    struct hit_refusal *no) MUST_CHECK;

/* The same from NAME=VALUE pairs of a query; of a name the first counts. */
bool hit_from_query(const struct hit_context *ctx, struct str query,
    struct record *r, const struct site **site,
    struct hit_refusal *no) MUST_CHECK;

/*
 * The same from a click on a link with QUERY that leads to TARGET, for SITE:
 * only what says where the click came from is read.
 */
bool hit_from_click(const struct hit_context *ctx, const struct site *site,
    struct str query, struct str target, struct record *r,
    struct hit_refusal *no) MUST_CHECK;

/*
 * The same from COUNT inputs PAIR, for SITE: what the protocols of other
 * systems come down to.
 */
bool hit_from_pairs(const struct hit_context *ctx, const struct site *site,
    const struct hit_pair *pair, size_t count, struct record *r,
    struct hit_refusal *no) MUST_CHECK;

/* The site EVENT is for, or NULL: for those who must know it beforehand. */
const struct site *hit_site(
    const struct hit_context *ctx, const struct json *event);

#endif
