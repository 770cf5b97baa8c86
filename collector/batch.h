/*
 * batch.h - the events of one JSON body: taken one by one, the good ones
 * accepted, the others listed with their reason.
 */
#ifndef COLLECTOR_BATCH_H
#define COLLECTOR_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "collector/request.h"
#include "common/json.h"

struct batch {
	const struct json *first; /* event; the others are its siblings */
	size_t count;
	struct buf report; /* {"accepted":...}; the caller frees it */
	struct json_writer list;
	size_t refused;
	int worst; /* status, had it been the only hit */
};

/*
 * Reads the body of R, {"events":[...]} or one event, with at most MOST of
 * them. On false an error was answered and counted.
 */
bool batch_read(struct request *r, size_t most, struct batch *b) MUST_CHECK;

/* Checks EVENT and gives it to the spool, or lists why not; it is the
 * INDEXth. */
void batch_take(
    struct request *r, struct batch *b, size_t index, const struct json *event);
/* Lists event INDEX as refused for NO. SITE and REC may be NULL. */
void batch_refuse(struct request *r, struct batch *b, size_t index,
    const struct site *site, const struct record *rec,
    const struct hit_refusal *no);

/* Answers with the report, or with QUIET (204) when none was refused. */
void batch_answer(struct request *r, struct batch *b, int quiet);

#endif
