/*
 * retention.h - rows whose time is over go, some thousands at a time.
 *
 * Before touches go, the conversions that look back to them are frozen: they
 * stay as they are credited, and an event of their time is refused as too old,
 * as what it would need is gone.
 */
#ifndef AGGREGATOR_STORE_RETENTION_H
#define AGGREGATOR_STORE_RETENTION_H

#include "aggregator/settings.h"
#include "common/postgres.h"
#include "common/site.h"

struct retention;

/* The caller owns the result. */
struct retention *retention_new(void);
void retention_free(struct retention *r); /* NULL is allowed */

/*
 * One step of a run at NOW_MS: *ROWS went or were emptied, *MORE says whether
 * the run is not over yet.
 */
bool retention_step(struct retention *r, struct postgres *pg,
    const struct retention_settings *set, const struct sites *sites,
    int64_t now_ms, int64_t *rows, bool *more, struct error *err) MUST_CHECK;

/* The event time since when events are of use; 0: all are. */
bool retention_kept_since(
    struct postgres *pg, int64_t *ms, struct error *err) MUST_CHECK;

#endif
