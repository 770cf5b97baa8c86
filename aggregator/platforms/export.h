/*
 * export.h - what an ad platform takes back: its rules for a conversion and
 * how a request or file of them is written.
 *
 * A platform is one struct export_platform, named in exports.c and nowhere
 * else. What may not go is told by export_refuse() before anything is
 * written; who writes needs not ask again.
 */
#ifndef AGGREGATOR_PLATFORMS_EXPORT_H
#define AGGREGATOR_PLATFORMS_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/config.h"
#include "common/str.h"

enum export_kind { EXPORT_CONVERSION, EXPORT_RESTATE, EXPORT_RETRACT };
extern const char *const export_kinds[]; /* "conversion", ... */

/* Who the conversions go to, from the settings. */
struct export_target {
	const char *account, *login_account, *token, *action_source, *version;
	const struct pairs *goals;
	bool require_consent;
	int64_t now_ms;
};

/* A conversion, or an adjustment of one that went before. */
struct export_row {
	enum export_kind kind;
	struct str transaction_id; /* order id, else event id */
	struct str event_id, goal, currency;
	int64_t ts_ms, value_micros; /* of an adjustment: the new value */
	int64_t before_micros;       /* of an adjustment: the old one */
	struct str click_id;         /* name=value; empty: none */
	int64_t click_ms;            /* 0: not known */
	struct str consent;          /* four letters, or empty */
	struct str page_url, user_agent;
	struct str email, email_google, phone, phone_digits; /* SHA-256, hex */
	struct str client_id; /* stands for the visitor at GA4 */
	bool server;          /* came by the server lane or an import */
};

/* A field that a row has, in a form the platform does not take. */
enum export_left_out {
	EXPORT_LEFT_EMAIL = 1,
	EXPORT_LEFT_PHONE = 2,
	EXPORT_LEFT_ADDRESS = 4
};

/* What an answer says of the rows of its request. */
struct export_answer {
	long status;
	struct str body;
	size_t rows;
	/* Set by the platform: per row whether it was taken, and if not why;
	 * lent from ARENA. */
	bool *taken;
	struct str *reason;
	struct arena *arena;
};
enum export_verdict {
	EXPORT_DECIDED,  /* taken[] says which */
	EXPORT_ALL_BAD,  /* some spoiled all: those with a reason, else halve */
	EXPORT_RETRY,    /* nothing was taken; later */
	EXPORT_FORBIDDEN /* the token or account is no good */
};

struct export_platform {
	const char *name;
	const char *const *clicks; /* its click ids, best first; NULL: any
				      conversion goes, clicked or not */
	int64_t age_ms;            /* of the conversion; 0: any */
	int64_t click_age_ms;      /* of the click; 0: any */
	int64_t adjust_age_ms;     /* of the conversion adjusted; 0: it takes
				      no adjustments */
	int64_t dedup_ms; /* how long it knows an id it has seen; 0: never */
	int batch;        /* rows of a request */
	bool personalization; /* its format says so if that was denied */
	bool needs_page;      /* page URL and user agent */

	/* For files: one for each kind; NULL where the format is JSON. */
	void (*csv_head)(enum export_kind kind, struct buf *out);
	void (*csv_row)(const struct export_target *t,
	    const struct export_row *row, struct buf *out);

	/* For requests (and files with a request a line). */
	const char *path;    /* behind a URL without one; %a is the account, %v
				the version */
	const char *version; /* of its API, if the settings name none */
	const char *version_header; /* the version goes behind it */
	const char *const *headers; /* ends in NULL; may be NULL */
	const char *token_header;   /* the token goes behind it */
	void (*body)(const struct export_target *t,
	    const struct export_row *const *rows, size_t count,
	    struct buf *out);
	enum export_verdict (*read)(struct export_answer *a);

	/* A rule of its own; NULL: it may go. */
	const char *(*refuse)(
	    const struct export_target *t, const struct export_row *row);
	/* enum export_left_out of what ROW has and cannot be sent. */
	unsigned (*left_out)(const struct export_row *row);
};

extern const char *const export_names[]; /* ends in NULL */
const struct export_platform *export_at(int index);

/* Of the platforms that take files. */
#define EXPORT_NAME_IS_FORMULA                                                 \
	"a conversion name that a spreadsheet would take for a formula"

/* Why ROW may not go to P; NULL: it may. */
const char *export_refuse(const struct export_platform *p,
    const struct export_target *t, const struct export_row *row);

/* The platform's name of GOAL, or NULL. */
const char *export_goal(const struct export_target *t, struct str goal);
/* Name and value of "gclid=...". */
struct str export_click_name(const struct export_row *row);
struct str export_click_value(const struct export_row *row);
/* When it happened for the platform: never before its click. */
int64_t export_time_ms(const struct export_row *row);
/* Letter of a purpose in the row's consent: 'g', 'd' or 'u'. */
char export_consent(const struct export_row *row, int purpose);
enum { EXPORT_AD_USER_DATA = 2, EXPORT_AD_PERSONALIZATION = 3 };

/* "YYYY-MM-DD HH:MM:SS" in UTC. */
void export_datetime(int64_t ms, struct buf *out);
/* The common part of reading an answer: what its status says by itself.
 * True: *VERDICT is that; false: the body decides. */
bool export_status(const struct export_answer *a, enum export_verdict *v);
/* A request refused whole for REASON: its only row's, or halve. */
enum export_verdict export_none(struct export_answer *a, struct str reason);
/* All rows taken, or none for REASON. */
enum export_verdict export_all(
    struct export_answer *a, bool taken, struct str reason);

#endif
