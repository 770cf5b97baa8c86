/*
 * rows.h - a file of rows, CSV with a head or a JSON object a line, gzipped
 * or not, as orders and conversions come: columns by name, alias or a --map
 * in any order, complaints as `file:line: column: what`, a progress line on a
 * terminal.
 */
#ifndef AGGREGATOR_CLI_ROWS_H
#define AGGREGATOR_CLI_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

struct rows_column {
	const char *name;  /* NULL ends a table */
	const char *alias; /* another title for it, or NULL */
	bool required;     /* in the head; of JSON, each row is asked */
};
#define ROWS_COLUMNS_MAX 64

/* What --map says: the title in the file of each column it names. */
struct rows_map {
	struct str title[ROWS_COLUMNS_MAX]; /* empty: name or alias */
};
/* Adds TEXT, "name=Title,name=Title", to MAP; lends TEXT. False and told on
 * stderr when it is not that or names what is not in COLUMNS. */
bool rows_map_add(struct rows_map *map, const char *text,
    const struct rows_column *columns) MUST_CHECK;

struct rows;
/* FILE may be "-". NULL and told when it cannot be read or lacks a column.
 * Lends all arguments. The caller owns the result. */
struct rows *rows_open(const char *file, const struct rows_column *columns,
    const struct rows_map *map) MUST_CHECK;
void rows_close(struct rows *r); /* NULL is allowed */
/* Shows progress though stderr is no terminal. */
void rows_progress(struct rows *r);

enum rows_step {
	ROWS_NEXT,
	ROWS_END,
	ROWS_FAILED /* told: the file cannot be read on */
};
/*
 * The next row that is one into VALUE, a place for each column, trimmed and
 * empty where there is none; lent until the next call. Others are refused.
 */
enum rows_step rows_next(struct rows *r, struct str *value);
/* Refuses the row last read, or that of LINE: says so and counts it. Always
 * false. COLUMN may be "". */
bool rows_refuse(struct rows *r, const char *column, const char *what);
bool rows_refuse_at(
    struct rows *r, int64_t line, const char *column, struct str what);

int64_t rows_line(const struct rows *r);    /* of the row last read */
int64_t rows_count(const struct rows *r);   /* read so far */
int64_t rows_refused(const struct rows *r); /* of them */

#endif
