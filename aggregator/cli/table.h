/*
 * table.h - aligned columns for people. Control characters, which a stranger
 * may have put into a campaign's name, are shown as '?'.
 */
#ifndef AGGREGATOR_CLI_TABLE_H
#define AGGREGATOR_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/str.h"

struct table;

struct table *table_new(void);
void table_free(struct table *t); /* NULL is allowed */

/* Columns first; RIGHT aligns numbers. */
void table_column(struct table *t, const char *title, bool right);
/* The next value, copied; rows fill by themselves. */
void table_cell(struct table *t, struct str value);
/* A line before the next row, as above a sum. */
void table_line(struct table *t);

/* Appends the table to OUT; COLOUR makes the head bold. */
void table_show(const struct table *t, bool colour, struct buf *out);
/* True when stdout is a terminal and NO_COLOR is not set. */
bool table_colour(void);

/* Columns that S takes on a terminal. */
size_t table_width(struct str s);

#endif
