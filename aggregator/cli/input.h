/*
 * input.h - a CSV file (or stdin) with a head, as the import commands read
 * it: gzipped or not, UTF-8 or UTF-16, separated by commas, semicolons or
 * tabs; columns by name in any order, complaints as `file:line: column:
 * what`, a progress line on a terminal.
 */
#ifndef AGGREGATOR_CLI_INPUT_H
#define AGGREGATOR_CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregator/platforms/csv.h"

struct input_column {
	const char *name;  /* NULL ends a table */
	const char *alias; /* another name for it, or NULL */
	bool required;
};

#define INPUT_COLUMNS_MAX 16

struct input {
	const char *name; /* of the file, for complaints */
	struct lines *lines;
	struct error error; /* of the last failure */
	struct csv *csv;
	struct csv_row row; /* the one last read */
	const struct input_column *columns;
	int at[INPUT_COLUMNS_MAX]; /* place of each column; -1: absent */
	size_t width;              /* fields of the head */
	int64_t read, refused;     /* rows so far */
	bool progress;             /* show it; set after input_open() */
	int64_t shown_ms;
};

/* Opens FILE, "-" for stdin. False: told on stderr. */
bool input_open(struct input *in, const char *file) MUST_CHECK;
/* Reads the first row; false and told when there is none. */
bool input_head(struct input *in) MUST_CHECK;
/* Finds COLUMNS in the row just read; unknown ones are named in a warning.
 * False and told when a required one is missing or one stands twice. */
bool input_columns(
    struct input *in, const struct input_column *columns) MUST_CHECK;
/* The next row that has as many fields as the head; others are complained
 * about and counted. CSV_FAILED is told. */
enum csv_result input_next(struct input *in) MUST_CHECK;
/* The next row of any width; CSV_BAD leaves why in IN->error. CSV_FAILED is
 * told. */
enum csv_result input_row(struct input *in) MUST_CHECK;
/* Column I of the row, trimmed; empty when the file has no such column. */
struct str input_value(const struct input *in, int i);
/* Refuses the row: says so and counts it. Always false. */
bool input_refuse(struct input *in, const char *column, const char *what);
void input_close(struct input *in);

#endif
