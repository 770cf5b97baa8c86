/*
 * names.h - texts to small numbers: 0, 1, 2... in the order they were first
 * seen.
 */
#ifndef AGGREGATOR_REPORT_NAMES_H
#define AGGREGATOR_REPORT_NAMES_H

#include "common/str.h"

struct names;

/* The caller owns the result. */
struct names *names_new(void);
void names_free(struct names *n); /* NULL is allowed */

/* The number of NAME; *FRESH when it was not there. Copies NAME then. */
uint32_t names_put(struct names *n, struct str name, bool *fresh);
/* The name of number I, which is below names_count(). Lent for N's life. */
struct str names_at(const struct names *n, uint32_t i);
size_t names_count(const struct names *n);

#endif
