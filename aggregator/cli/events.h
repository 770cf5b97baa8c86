/*
 * events.h - a file of events, CSV with a head or JSON a line, gzipped or
 * not, as records: the fields and checks of the server lane.
 *
 * A row that names its `lane` is a record as the collector stored it
 * (docs/record.md), whatever the lane; others are events of the server lane.
 */
#ifndef AGGREGATOR_CLI_EVENTS_H
#define AGGREGATOR_CLI_EVENTS_H

#include <stdbool.h>

#include "common/record.h"

struct events;

/* FILE may be "-". DEFAULT_SITE (lent) is that of rows that name none. NULL
 * and told on stderr when it cannot be read. The caller owns the result. */
struct events *events_open(
    const char *file, struct str default_site) MUST_CHECK;
void events_close(struct events *e); /* NULL is allowed */

enum events_step {
	EVENTS_NEXT, /* RECORD was read */
	EVENTS_END,
	EVENTS_FAILED /* told: the file cannot be read on */
};
/* The next good row into RECORD, lent until the next call. Bad ones are told
 * as `file:line: what` and counted. */
enum events_step events_next(struct events *e, struct record *record);
/* Refuses the row last read: says so and counts it. */
void events_refuse(struct events *e, const char *what);

/* Rows read and refused so far. */
int64_t events_rows(const struct events *e);
int64_t events_refused(const struct events *e);

#endif
