/*
 * sender.h - events on their way to the collector's server lane, in signed
 * batches over kept connections, several at a time.
 *
 * An event is sent until the collector has answered for it: what is asked
 * again carries the same event ids, so nothing counts twice.
 */
#ifndef AGGREGATOR_CLI_SENDER_H
#define AGGREGATOR_CLI_SENDER_H

#include <stdint.h>

#include "common/error.h"
#include "common/str.h"

struct sender_settings {
	const char *url;    /* of the collector; without a path: /v1/events */
	struct str key;     /* the site's api key; lent for the sender's life */
	int in_flight;      /* batches at a time */
	int64_t give_up_ms; /* without any answer, then adding fails */
	/* Told of each event that the collector does not take; TAG is the
	 * event's, REASON the collector's word. */
	void (*rejected)(void *ctx, uint64_t tag, struct str reason);
	void *ctx;
};

struct sender_counts {
	uint64_t accepted, rejected;
	uint64_t retries; /* of batches */
};

struct sender;
/* NULL and ERR when libcurl cannot be used. The caller owns the result. */
struct sender *sender_open(
    const struct sender_settings *set, struct error *err) MUST_CHECK;
/*
 * Takes one event (a JSON object; copied), waiting while all batches are
 * under way. False and ERR when going on is of no use: a refused signature,
 * a collector that cannot be reached for too long.
 */
bool sender_add(struct sender *s, struct str event, uint64_t tag,
    struct error *err) MUST_CHECK;
/* Sends the rest and waits until every event is answered for. */
bool sender_finish(struct sender *s, struct error *err) MUST_CHECK;
struct sender_counts sender_counts(const struct sender *s);
/* NULL is allowed. */
void sender_close(struct sender *s);

#endif
