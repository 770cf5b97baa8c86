/*
 * calendar.h - days, dates and time zones.
 *
 * A day is a number: days since 1970-01-01, negative before. Instants are
 * milliseconds since 1970 in UTC.
 */
#ifndef COMMON_CALENDAR_H
#define COMMON_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/str.h"

#define DAY_MS INT64_C(86400000)

/* Proleptic Gregorian civil date to day number; month 1-12, day 1-31. */
int32_t calendar_day(int year, int month, int day);
void calendar_civil(int32_t day, int *year, int *month, int *mday);

/* "YYYY-MM-DD", a real date between 1900 and 2200, else false. */
bool calendar_parse_day(struct str s, int32_t *day) MUST_CHECK;
/* Writes "YYYY-MM-DD" and a NUL into OUT. */
void calendar_format_day(int32_t day, char out[11]);

/*
 * RFC 3339: "2026-03-01T12:00:00Z", fraction and offset allowed, 'T' or
 * space; `:60` counts as `:59`. The instant goes to *MS. False if malformed
 * or no real date.
 */
bool calendar_parse_instant(struct str s, int64_t *ms) MUST_CHECK;
/* Writes "YYYY-MM-DDTHH:MM:SS.mmmZ" and a NUL. */
void calendar_format_instant(int64_t ms, char out[25]);

/* An IANA zone, read from the system's zone files. Immutable, shareable. */
struct zone;

/*
 * Reads the zone called NAME ("Europe/Berlin", "UTC"). NULL and ERR if there
 * is none. The caller owns the result: zone_free() it.
 */
struct zone *zone_open(const char *name, struct error *err) MUST_CHECK;
void zone_free(struct zone *z);

/* Seconds to add to UTC at the instant MS. */
int32_t zone_offset_s(const struct zone *z, int64_t ms);
/* The local day of the instant MS. */
int32_t zone_day(const struct zone *z, int64_t ms);
/* The first instant of the local day DAY (where a zone skips midnight: the
 * first instant after the gap). */
int64_t zone_day_start_ms(const struct zone *z, int32_t day);

#endif
