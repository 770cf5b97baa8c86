/*
 * postgres_internal.h - what postgres_copy.c and postgres_rows.c need of
 * postgres.c; for nobody else. Keeps libpq inside one file.
 */
#ifndef COMMON_POSTGRES_INTERNAL_H
#define COMMON_POSTGRES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/str.h"

struct postgres;
struct postgres_rows;

/* Runs SQL, which must turn the connection into COPY IN. */
bool postgres_copy_start(
    struct postgres *pg, const char *sql, struct error *err) MUST_CHECK;
bool postgres_copy_send(struct postgres *pg, const char *data, size_t len,
    struct error *err) MUST_CHECK;
/* Ends it: well, or with REASON to be undone. Waits for the answer. */
bool postgres_copy_end(
    struct postgres *pg, const char *reason, struct error *err) MUST_CHECK;

/* The type of column COL. */
uint32_t postgres_rows_type(const struct postgres_rows *r, size_t col);
/* A value's bytes, lent; data NULL for NULL. */
struct str postgres_rows_raw(
    const struct postgres_rows *r, size_t row, size_t col);

#endif
