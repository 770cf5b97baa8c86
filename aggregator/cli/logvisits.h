/*
 * logvisits.h - the visits of an access log, made while it streams by.
 *
 * A log has no session ids, so they are made by the collector's own rule:
 * half an hour without a hit ends a visit, and so do new campaign parameters
 * or a new external referrer. Lines may be somewhat out of order. Visitors
 * long gone are forgotten, so memory does not grow with the log.
 */
#ifndef AGGREGATOR_CLI_LOGVISITS_H
#define AGGREGATOR_CLI_LOGVISITS_H

#include <stdint.h>

#include "common/arena.h"
#include "common/digest.h"
#include "common/site.h"
#include "common/str.h"

#define LOGVISITS_IDLE_MS INT64_C(1800000)

/* How a hit came, as hashes; 0 is none. */
struct logvisits_arrival {
	uint64_t campaign; /* utm_* and click ids of the address */
	uint64_t referrer; /* the external host */
};

/* URL and REFERRER as sent; hosts of SITE and of URL are not external. */
struct logvisits_arrival logvisits_arrival(
    const struct site *site, struct str url, struct str referrer);

struct logvisit {
	uint64_t id; /* the FIRST_ID of the hit that began it */
	int64_t start_ms;
};

struct logvisits;
struct logvisits *logvisits_new(void);
void logvisits_free(struct logvisits *v);
/*
 * The visit of a hit by VISITOR at TIME_MS. FIRST_ID names the visit if the
 * hit begins one.
 */
struct logvisit logvisits_hit(struct logvisits *v, struct hash128 visitor,
    int64_t time_ms, struct logvisits_arrival came, uint64_t first_id);

#endif
