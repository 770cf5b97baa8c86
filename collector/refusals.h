/*
 * refusals.h - how many hits of each site were refused, and why, on their
 * way to Kafka: one record a site and turn, whatever is sent to us.
 *
 * A count is in memory until its turn, then in the spool like a hit: what was
 * spooled arrives exactly once. Of a worker that is killed the counts since
 * the last turn are gone, and no other.
 */
#ifndef COLLECTOR_REFUSALS_H
#define COLLECTOR_REFUSALS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/metrics.h"
#include "common/site.h"
#include "common/str.h"

struct refusals;

/* Gives the spool a record; its number, or 0 and ERR. */
typedef uint64_t refusals_append(
    void *ctx, struct str key, struct str value, struct error *err);

/* DURABLE: what APPEND takes is only handed over, and refusals_verdict() says
 * what became of it. The caller owns the result. */
struct refusals *refusals_new(bool durable, refusals_append *append, void *ctx);
void refusals_free(struct refusals *r); /* NULL is allowed */

/* HITS of SITE were refused because of WHY, a metric with a reason. What is
 * of an earlier quarter of an hour is sent first: a record is of one day, in
 * every zone. */
void refusals_add(struct refusals *r, const struct site *site, enum metric why,
    uint64_t hits, int64_t now_ms);
/* All that is counted is sent; what the spool does not take now stays. */
void refusals_flush(struct refusals *r);
/* The spool's records up to SEQ are durable, or lost: these are counted again.
 */
void refusals_verdict(struct refusals *r, uint64_t seq, bool ok);

#endif
