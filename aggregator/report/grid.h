/* grid.h - the rows of a query as CSV and JSON, for commands and dashboard. */
#ifndef AGGREGATOR_REPORT_GRID_H
#define AGGREGATOR_REPORT_GRID_H

#include <stddef.h>

#include "common/str.h"

struct json_writer;
struct postgres_rows;

/* The first COLUMNS columns with their head; NULL as nothing. No text is a
 * spreadsheet's formula. */
void grid_csv(const struct postgres_rows *r, size_t columns, struct buf *out);
/* One value: numbers and booleans bare, NULL as null. */
void grid_json(const struct postgres_rows *r, size_t row, size_t column,
    struct json_writer *w);

#endif
