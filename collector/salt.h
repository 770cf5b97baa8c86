/*
 * salt.h - the day's salt: what makes an id of an address for one day only.
 *
 * Random, one for each day of UTC, shared by all workers. The file that
 * carries it over a restart holds one salt; yesterday's is gone from memory
 * and file within the hour, and with it all that could link its ids to a
 * person or to another day's.
 */
#ifndef COLLECTOR_SALT_H
#define COLLECTOR_SALT_H

#include <stdint.h>

#include "common/error.h"
#include "common/str.h"

#define SALT_BYTES 32
#define SALT_ID_LEN 24 /* "d." and 22 characters of base64url */

struct salt;

/*
 * Reads FILE, if it holds today's salt. A file that cannot be read or
 * written costs only that visitors are new ones after a restart; it is
 * logged. The caller owns the result.
 */
struct salt *salt_open(const char *file, int64_t now_ms);
void salt_close(struct salt *s); /* NULL is allowed */

/* Forgets a salt of another day than NOW_MS. Any thread may call it. */
void salt_turn(struct salt *s, int64_t now_ms);

/*
 * The ids, for the day of NOW_MS, of the one at ADDRESS with USER_AGENT on
 * SITE: of the visitor and of the visit, which lasts as long. Any thread.
 */
void salt_ids(struct salt *s, int64_t now_ms, struct str site,
    struct str address, struct str user_agent, char visitor[SALT_ID_LEN + 1],
    char visit[SALT_ID_LEN + 1]);

#endif
