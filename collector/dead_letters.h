/*
 * dead_letters.h - the file of records that Kafka will never take.
 */
#ifndef COLLECTOR_DEAD_LETTERS_H
#define COLLECTOR_DEAD_LETTERS_H

#include <stdbool.h>

#include "common/error.h"
#include "common/str.h"

/* Adds a line of JSON to the file PATH: RECORD, its KEY, the time and why.
 * True when it is on disk; else the cause is in the log. */
bool dead_letters_add(const char *path, struct str key, struct str record,
    const char *reason) MUST_CHECK;

#endif
