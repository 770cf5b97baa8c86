/*
 * pattern.h - regular expressions (PCRE2's); the only file that knows the
 * library is pattern.c. A pattern is immutable and may be shared by threads.
 */
#ifndef AGGREGATOR_JOURNEY_PATTERN_H
#define AGGREGATOR_JOURNEY_PATTERN_H

#include "common/error.h"
#include "common/str.h"

struct pattern;

enum pattern_mode {
	PATTERN_WHOLE = 1,   /* must match the whole text, not a part */
	PATTERN_CASELESS = 2 /* ASCII and Unicode case ignored */
};

/*
 * Compiles TEXT with the PATTERN_ bits of MODE. NULL and ERR (ERROR_FATAL)
 * with the place of the mistake. The caller owns the result.
 */
struct pattern *pattern_new(
    struct str text, int mode, struct error *err) MUST_CHECK;
void pattern_free(struct pattern *p); /* NULL is allowed */

/* A text that costs too many steps (thousands a byte) does not match. */
bool pattern_matches(const struct pattern *p, struct str text);

#endif
