/*
 * dead_letters.h - the records the aggregator could not use.
 */
#ifndef AGGREGATOR_CLI_DEAD_LETTERS_H
#define AGGREGATOR_CLI_DEAD_LETTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

struct context;

struct dead_letters_options {
	bool json, csv, dry_run;
	const char *reason; /* part of the reason, or NULL: any */
};

struct dead_letters_counts {
	uint64_t sent; /* on the topic again; of a dry run: would be */
	uint64_t kept; /* would only be set aside again: told on stderr */
};

/*
 * Sends the records of the table to the topic again and removes those that
 * Kafka has confirmed. C has settings, sites and database. False: what was
 * confirmed by then is counted and gone from the table, the rest is kept.
 */
bool dead_letters_retry(struct context *c,
    const struct dead_letters_options *opt, struct dead_letters_counts *counts,
    struct error *err) MUST_CHECK;

#endif
