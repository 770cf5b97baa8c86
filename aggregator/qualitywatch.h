/*
 * qualitywatch.h - gauges of each site for alarms: when its last hit came, and
 * how many measures of yesterday are marked as unusual.
 */
#ifndef AGGREGATOR_QUALITYWATCH_H
#define AGGREGATOR_QUALITYWATCH_H

#include "common/error.h"
#include "common/postgres.h"
#include "common/str.h"

#define QUALITYWATCH_MOST 200 /* sites; the first by name */

/* Looks, if it is time: each minute, and less than a hundredth of it. */
bool qualitywatch_look(struct postgres *pg, struct error *err) MUST_CHECK;
/* Says nothing more until somebody looks again. */
void qualitywatch_forget(void);
/* Appends the gauges, as metrics_expose() does. From any thread. */
void qualitywatch_expose(struct buf *out);

#endif
