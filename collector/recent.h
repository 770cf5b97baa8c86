/*
 * recent.h - the last hits of a worker and what became of them, for people
 * who look why theirs does not arrive.
 *
 * Fixed memory, never on disk; an id is cut to eight characters and an
 * address to its network, so that a page meant for debugging is no copy of
 * the data.
 */
#ifndef COLLECTOR_RECENT_H
#define COLLECTOR_RECENT_H

#include <stddef.h>
#include <stdint.h>

#include "common/forwarded.h"
#include "common/str.h"

#define RECENT_COUNT 200
#define RECENT_ID_MAX 9 /* with the NUL */

struct recent_hit {
	int64_t time_ms;
	int status; /* what the hit deserves alone; 0: accepted */
	char site[65];
	char lane[11];
	char type[17];
	char event_id[RECENT_ID_MAX];
	char visitor_id[RECENT_ID_MAX];
	char order_id[RECENT_ID_MAX];
	char ip[FORWARDED_ADDRESS_MAX]; /* truncated */
	char reason[96];                /* "" when accepted */
	char dropped[96]; /* another system's fields that are not kept */
};

struct recent;

/* The caller owns the result. */
struct recent *recent_new(void);
/* NULL is allowed. */
void recent_free(struct recent *list);
/* Lends the place of the next hit, its texts empty, until recent_end(); the
 * oldest makes way. From the worker's thread. */
struct recent_hit *recent_begin(struct recent *list);
void recent_end(struct recent *list);
/* Copies what is there into OUT, newest first; how many. From any thread. */
size_t recent_read(struct recent *list, struct recent_hit out[RECENT_COUNT]);

/* Writes S to OUT (SIZE bytes with the NUL), cut between characters. */
void recent_text(char *out, size_t size, struct str s);

#endif
