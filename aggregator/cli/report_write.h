/*
 * report_write.h - a report's sections, and the forms it is written in.
 *
 * Names in it come from strangers: each form escapes all text it did not
 * write itself.
 */
#ifndef AGGREGATOR_CLI_REPORT_WRITE_H
#define AGGREGATOR_CLI_REPORT_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/str.h"

struct postgres_rows;

/* Rows of a level or a table at most, for people; CSV has them all. */
#define REPORT_ROWS_MAX 300
#define REPORT_PATHS_MAX 50

enum report_part {
	REPORT_TOTALS,
	REPORT_CAMPAIGNS,
	REPORT_MODELS,
	REPORT_DAYS,
	REPORT_PATHS,
	REPORT_EXPERIMENTS,
	REPORT_NOTES,
	REPORT_SILENT,
	REPORT_UNUSUAL,
	REPORT_QUALITY,
	REPORT_BUDGET,
	REPORT_DECILES,
	REPORT_PARTS
};

enum report_form {
	REPORT_TEXT,
	REPORT_COUNT,
	REPORT_DECIMAL, /* two places */
	REPORT_PERCENT  /* one place and a sign */
};

struct report_column {
	const char *name, *title; /* NAME: of the query's column */
	enum report_form form;
};

struct report_section {
	const char *id, *title, *caption;
	const char *empty; /* what is said instead of no rows */
	const struct report_column *columns; /* ends in a NULL name */
};
extern const struct report_section report_sections[REPORT_PARTS];

struct report {
	char from[11], to[11], before_from[11], before_to[11];
	const char *model;
	const char *site; /* NULL: all */
	struct str made, currency;
	struct postgres_rows *rows[REPORT_PARTS];
};

/* Whether nothing at all happened on the report's days. */
bool report_empty(const struct report *r);

/* The query's column called NAME, which is there. */
size_t report_column(const struct postgres_rows *rows, const char *name);

/* A value for people: rounded, with commas in large numbers if GROUPED; a
 * number that is not known is a dash. Not escaped. */
void report_value(const struct postgres_rows *rows, size_t row,
    const struct report_column *column, bool grouped, struct buf *out);

void report_html(const struct report *r, struct buf *out);
void report_markdown(const struct report *r, struct buf *out);
void report_csv(const struct report *r, struct buf *out);

#endif
