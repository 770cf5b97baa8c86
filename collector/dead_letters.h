/*
 * dead_letters.h - the file of records that Kafka will never take.
 */
#ifndef COLLECTOR_DEAD_LETTERS_H
#define COLLECTOR_DEAD_LETTERS_H

#include <stdbool.h>

#include "common/erased.h"
#include "common/error.h"
#include "common/str.h"

/* Calls may come from several threads. */

/* Adds a line of JSON to the file PATH: RECORD, its KEY, the time and why.
 * True when it is on disk; else the cause is in the log. */
bool dead_letters_add(const char *path, struct str key, struct str record,
    const char *reason) MUST_CHECK;

/*
 * Leaves of each line of PATH that holds an id listed in E, of one of SITES,
 * only when and why it came, and "erased":true. True when no such line is on
 * disk any more; else the cause is in the log.
 */
bool dead_letters_forget(const char *path, const struct erased *e,
    const struct str *sites, size_t count);

#endif
