/*
 * moment.h - points in time as shops and ad platforms write them.
 */
#ifndef AGGREGATOR_PLATFORMS_MOMENT_H
#define AGGREGATOR_PLATFORMS_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

struct zone;

/*
 * Reads all of S: ms since 1970 (from 10^11 on), RFC 3339, or a day and a
 * clock without seconds, with a blank before the offset, an offset without
 * colon ("2026-03-31 09:15:00 +0100"), or no offset at all: then the clock is
 * ZONE's. A day alone is its noon, and *CLOCK false.
 */
bool moment_parse(
    struct str s, const struct zone *zone, int64_t *ms, bool *clock) MUST_CHECK;

#endif
