/*
 * config_value.h - single values of settings: numbers with units, and text
 * from the environment and from files. Used by config.c and config_print.c.
 */
#ifndef COMMON_CONFIG_VALUE_H
#define COMMON_CONFIG_VALUE_H

#include "common/config.h"

/*
 * Reads TEXT as S, which is one of the five kinds of int64_t (or BOOL or
 * CHOICE, as 0, 1, …), says. On false WHY holds the reason.
 */
bool config_value_read(const struct setting *s, struct str text, int64_t *value,
    struct buf *why) MUST_CHECK;
/* Appends VALUE as it would be written. */
void config_value_write(
    const struct setting *s, int64_t value, struct buf *out);

/*
 * TEXT with each ${…} replaced, into *RESULT, which lives in ARENA. DIR is
 * where relative paths begin. On false WHY holds the reason.
 */
bool config_expand(struct str text, const char *dir, struct arena *arena,
    struct str *result, struct buf *why) MUST_CHECK;

/* Appends at most the first bytes of TEXT in quotes, fit for a terminal. */
void config_quote(struct str text, struct buf *out);

/* PATH, if relative, behind DIR; in ARENA. */
char *config_path(struct str path, const char *dir, struct arena *arena);

#endif
