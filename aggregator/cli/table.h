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
/* How the cell last added is coloured, where there are colours. */
enum table_tone { TABLE_PLAIN, TABLE_GOOD, TABLE_WARN, TABLE_BAD, TABLE_SOFT };
void table_tone(struct table *t, enum table_tone tone);
/* A line before the next row, as above a sum. */
void table_line(struct table *t);
/* The column last added is WIDTH wide or wider. */
void table_least(struct table *t, size_t width);

/* Appends the table to OUT; with COLOUR the head is bold and tones show. */
void table_show(const struct table *t, bool colour, struct buf *out);
/* The two halves of it. */
void table_head(const struct table *t, bool colour, struct buf *out);
void table_body(const struct table *t, bool colour, struct buf *out);
/* True when stdout is a terminal and NO_COLOR is not set. */
bool table_colour(void);

/* Columns that S takes on a terminal. */
size_t table_width(struct str s);

#endif
