/*
 * metrics.h - every counter and gauge of the programs, one row each.
 *
 * Counted where the reaction is. Adding is a relaxed atomic on the thread's
 * own shard; reading sums the shards. Names follow Prometheus: counters end
 * in _total, units are base units.
 */
#ifndef COMMON_METRICS_H
#define COMMON_METRICS_H

#include <stdint.h>

#include "common/str.h"

/*
 * X(ID, program, type, name, label, help). Program: C collector,
 * A aggregator, B both. Type: counter or gauge. Rows of one name stand
 * together and share its help; label is "" or one pair such as
 * "reason=\"json\"".
 */
#include "common/metrics_table.h"

#define METRIC_ENUM(id, program, type, name, label, help) METRIC_##id,
enum metric { METRICS(METRIC_ENUM) METRIC_COUNT };
#undef METRIC_ENUM

void metrics_add(enum metric m, uint64_t n);
#define metrics_inc(m) metrics_add(m, 1)
/* Gauges have one value for the process. */
void metrics_set(enum metric m, int64_t value);
/* Of a gauge that is the sum of what several threads have: *PART, which this
 * thread last gave to it, becomes VALUE. */
void metrics_share(enum metric m, int64_t *part, int64_t value);
/* A gauge's value, or a counter's sum over all threads. */
int64_t metrics_get(enum metric m);

/*
 * Appends the exposition text of PROGRAM's rows ('C' or 'A') to OUT, each
 * family with HELP and TYPE.
 */
void metrics_expose(char program, struct buf *out);

#endif
