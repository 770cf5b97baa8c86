/*
 * visitor.h - who it is: a signed visitor cookie and a signed visit cookie.
 *
 * Only ids that we signed come back as ours, so nobody can pose as another
 * visitor without that visitor's own cookie. The visitor cookie ends a fixed
 * time after the first visit, however often it is shown (CNIL: 13 months).
 */
#ifndef COLLECTOR_VISITOR_H
#define COLLECTOR_VISITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/record.h"
#include "common/site.h"
#include "common/str.h"

#define VISITOR_COOKIE "_ac_v"
#define VISITOR_SESSION_COOKIE "_ac_s"
#define VISITOR_OPT_OUT_COOKIE "_ac_out"
#define VISITOR_MARK_COOKIE "_ac_m" /* the tracker's: goals begun */
#define VISITOR_LIFE_S INT64_C(33955200)
#define VISITOR_SESSION_MS INT64_C(1800000) /* without a hit ends a visit */

#define VISITOR_ID_LEN 22 /* 16 random bytes as base64url */
#define VISITOR_COOKIE_MAX 128

struct visitor {
	char id[VISITOR_ID_LEN + 1];
	int64_t first_s; /* seconds since 1970 of the first visit */
};

/*
 * How a hit came to the site, as hashes; 0 is none. They are kept apart, as
 * a page that brought a campaign may later be named without it while its
 * referrer stays.
 */
struct arrival {
	uint32_t campaign; /* utm_* and click ids, or those stated */
	uint32_t referrer; /* the external host */
};

struct session {
	char id[VISITOR_ID_LEN + 1];
	int64_t start_ms;
	int64_t last_ms;
	struct arrival came; /* the latest of each */
};

/* A new random id: VISITOR_ID_LEN characters of base64url and a NUL. */
void visitor_mint_id(char out[VISITOR_ID_LEN + 1]);

/* Reads and verifies COOKIE. False when it is not ours or has ended. */
bool visitor_read(struct visitor *v, struct str key, struct str cookie,
    int64_t now_ms) MUST_CHECK;
/* A new visitor, seen first now. */
void visitor_mint(struct visitor *v, int64_t now_ms);
/* The cookie's value. */
struct str visitor_write(
    const struct visitor *v, struct str key, char out[VISITOR_COOKIE_MAX]);

/* The same for the visit's cookie; whether the visit goes on is not asked. */
bool visitor_session_read(
    struct session *s, struct str key, struct str cookie) MUST_CHECK;
struct str visitor_session_write(
    const struct session *s, struct str key, char out[VISITOR_COOKIE_MAX]);

/*
 * A sign that carries both cookies to another domain of the site, good for
 * VISITOR_LINK_S and one USER_AGENT, into OUT. Empty when VISITOR is not
 * ours; SESSION may be empty or not ours.
 */
#define VISITOR_LINK_PARAM "_ac_x"
#define VISITOR_LINK_S 120
#define VISITOR_LINK_MAX (3 * VISITOR_COOKIE_MAX)
struct str visitor_link_write(struct str key, struct str visitor,
    struct str session, struct str user_agent, int64_t now_ms,
    char out[VISITOR_LINK_MAX]);
/* What TEXT carries; *HAS_SESSION says whether S was filled. */
bool visitor_link_read(struct visitor *v, struct session *s, bool *has_session,
    struct str key, struct str text, struct str user_agent,
    int64_t now_ms) MUST_CHECK;

/*
 * Takes a hit into the visit S, which is KNOWN (read from a cookie) or not:
 * goes on with it, or begins a new one after half an hour of silence or when
 * CAME names a campaign or referrer that is new to it. True if it is new.
 */
bool visitor_session_hit(
    struct session *s, bool known, struct arrival came, int64_t now_ms);

/*
 * What R (url, referrer, explicit campaign) says about how it came to SITE.
 * Hosts of SITE, of the page itself and those at or below IGNORED are no
 * referrers.
 */
struct arrival visitor_arrival(const struct record *r,
    const struct sites *sites, const struct site *site,
    const struct texts *ignored);

/* The host of URL without user and port; empty if there is none. */
struct str visitor_url_host(struct str url);

struct cookie_attributes {
	int64_t max_age_s;  /* 0 deletes it */
	const char *domain; /* "": this host only */
	bool secure;
	bool cross_site; /* SameSite=None, where SECURE allows it */
	bool readable;   /* by scripts of the page */
};
/* The value of a Set-Cookie field, in ARENA. */
struct str visitor_set_cookie(struct arena *arena, const char *name,
    struct str value, const struct cookie_attributes *how);

#endif
