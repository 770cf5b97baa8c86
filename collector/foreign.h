/*
 * foreign.h - what the clients of other systems have in common: a hit of
 * theirs becomes the inputs of one of ours.
 *
 * A client that is not ours cannot be told what we would like: ids that are
 * no ids of ours are hashed, texts are cut, what has no place goes to props
 * as long as there is room, and what is left is counted. Persons' addresses
 * and names are never kept in props.
 */
#ifndef COLLECTOR_FOREIGN_H
#define COLLECTOR_FOREIGN_H

#include "collector/hit.h"
#include "collector/request.h"

#define FOREIGN_EVENTS_MAX 500 /* of one request */
#define FOREIGN_PROPS_MAX 32
#define FOREIGN_PAIRS_MAX 48
#define FOREIGN_PARAMS_MAX 256

/* Named texts, of a query or of a flat JSON object; the first of a name
 * counts. */
struct params {
	struct param {
		struct str name, value;
		bool asked; /* params_get() has found it */
	} * at;             /* FOREIGN_PARAMS_MAX of them */
	size_t count;
};

struct params params_new(struct arena *arena);
/* Further ones are counted as dropped. */
void params_query(struct params *p, struct arena *arena, struct str query);
void params_json(struct params *p, const struct json *object);
/* The value of NAME, or the empty text. */
struct str params_get(const struct params *p, const char *name);

struct foreign_prop {
	struct str key, text;
	bool number;
};

/* One hit of theirs on its way to be ours. */
struct foreign {
	struct arena *arena;
	enum hit_lane lane; /* settled before the first input */
	int64_t now_ms;
	bool nothing;              /* it says nothing that we count */
	const char *no_field, *no; /* why it cannot be taken; NULL: it can */
	enum metric no_metric;
	bool has_visitor;
	size_t count, prop_count, prop_bytes;
	char dropped[96]; /* names of what is not kept, as many as fit */
	struct hit_pair pair[FOREIGN_PAIRS_MAX + 1]; /* one more for props */
	struct foreign_prop prop[FOREIGN_PROPS_MAX];
};

/* Clears F; LANE and NOW_MS are facts about it. */
void foreign_start(
    struct foreign *f, struct arena *arena, enum hit_lane lane, int64_t now_ms);
/* It cannot be read: FIELD WHY. The first reason stays. */
void foreign_bad(struct foreign *f, const char *field, const char *why);
/* The same of a wrong secret. */
void foreign_unproven(struct foreign *f, const char *field, const char *why);

/* LIST ends in NULL; NULL is an empty one. */
bool foreign_listed(struct str key, const char *const *list);
/* Counts NAME as not kept; /debug/hits shows it. */
void foreign_dropped(struct foreign *f, struct str name);
/*
 * The same for what a client sends and nobody has asked for: PARAMS that
 * params_get() has not found, members of OBJECT; those in KNOWN (ends in NULL)
 * say nothing of a hit, or are read elsewhere. To be called last.
 */
void foreign_unknown_params(
    struct foreign *f, const struct params *p, const char *const *known);
void foreign_unknown_members(
    struct foreign *f, const struct json *object, const char *const *known);

/* All of these pass over an empty text. NAME is one of our inputs. */
void foreign_text(struct foreign *f, const char *name, struct str text);
/* A text that names something: hashed, never cut, when it is too long. */
void foreign_id(struct foreign *f, const char *name, struct str text);
/* visitor_id and session_id, alike on all lanes. */
void foreign_own_id(struct foreign *f, const char *name, struct str text);
/* An amount in any notation of numbers; "false" is none. */
void foreign_value(struct foreign *f, struct str text);
/* Three letters, or a prop. */
void foreign_currency(struct foreign *f, struct str text);
/* ms since 1970 or RFC 3339; else dropped. */
void foreign_time(struct foreign *f, const char *name, struct str text);
/* The time TEXT of a hit that was sent just now: its age is what counts. */
void foreign_time_ms(struct foreign *f, int64_t ms);
/* event_id from what names the hit for its sender: the same again is it. */
void foreign_made_id(struct foreign *f, struct str what);
/* RAW is a JSON array; dropped when it is too long. */
void foreign_items(struct foreign *f, struct str raw);
void foreign_prop(
    struct foreign *f, struct str key, struct str text, bool number);
/* Each member of OBJECT, except those in SKIP (ends in NULL; may be NULL). */
void foreign_props(
    struct foreign *f, const struct json *object, const char *const *skip);
/* A member's text, or that of a number; else empty. */
struct str foreign_member(const struct json *object, const char *key);
/* source, medium... from the mtm_ or pk_ parameters of URL. */
void foreign_matomo_campaign(struct foreign *f, struct str url);
/* What F comes down to, COUNT of them. */
const struct hit_pair *foreign_pairs(struct foreign *f, size_t *count);

enum foreign_fate {
	FOREIGN_TAKEN,
	FOREIGN_NOTHING, /* passed over: it says nothing */
	FOREIGN_REFUSED, /* sending it again would not help */
	FOREIGN_LATER    /* spool or limit: send it again */
};
/*
 * Gives F, a hit of SITE, to the spool, counted under PROTOCOL, and notes the
 * verdict. SITE NULL: refused for UNKNOWN.
 */
enum foreign_fate foreign_take(struct request *r, struct foreign *f,
    const struct site *site, const char *unknown, enum metric protocol);

/* Fills R->context for a hit by another system's client: no cookies of ours,
 * as it has ids of its own. */
void foreign_context(struct request *r);
/* Refuses without an error for the client: counted and noted. */
void foreign_refuse(
    struct request *r, enum metric metric, const char *field, const char *why);
/* The body as a tree; NULL: refused (or answered: *ANSWERED). */
const struct json *foreign_body(struct request *r, bool *answered);
/* Answers STATUS with BODY of TYPE, or 503 or 429 when LATER. */
void foreign_answer(struct request *r, bool later, int status, const char *type,
    struct str body);
/* A one-pixel image. */
void foreign_image(struct request *r, bool later);
/* True when an Origin came with it: by a page. */
bool foreign_by_page(const struct request *r);
/* A protocol of one event in a POST, whose clients have no ids. */
struct foreign_door {
	enum compatible_name kind;
	enum metric metric;
	const char *unknown; /* why, when no site has the name */
	struct str (*site)(const struct json *event);
	void (*read)(struct foreign *f, const struct json *event);
	int status;
	const char *type, *body;
};
void foreign_serve_event(struct request *r, const struct foreign_door *door);

#endif
