/* print.h - the rows of a query as a table, as JSON or as CSV. */
#ifndef AGGREGATOR_CLI_PRINT_H
#define AGGREGATOR_CLI_PRINT_H

#include <stddef.h>

#include "common/str.h"

struct json_writer;
struct postgres_rows;

/* The whole result as a table for people. */
void print_table(const struct postgres_rows *r, struct buf *out);
/* Row ROW as a JSON object: numbers and booleans bare, NULL as null. */
void print_json(
    const struct postgres_rows *r, size_t row, struct json_writer *w);
/* The whole result as an array of such objects, one a line. */
void print_json_rows(const struct postgres_rows *r, struct buf *out);
/* The whole result with its head; NULL as nothing. */
void print_csv(const struct postgres_rows *r, struct buf *out);
/* Rounds the decimal TEXT to PLACES, half away from zero. */
void print_rounded(struct buf *text, int places);

#endif
