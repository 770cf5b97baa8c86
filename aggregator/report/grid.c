#include "aggregator/report/grid.h"

#include "aggregator/platforms/csv.h"
#include "common/json.h"
#include "common/postgres.h"

void
grid_csv(const struct postgres_rows *r, size_t columns, struct buf *out)
{
	struct buf cell = { 0 };

	for (size_t c = 0; c < columns; c++) {
		csv_text(out, str_of(postgres_column(r, c)));
		buf_add_str(out, c + 1 == columns ? STR("\r\n") : STR(","));
	}
	for (size_t i = 0; i < postgres_rows_count(r) * columns; i++) {
		cell.len = 0;
		postgres_show(r, i / columns, i % columns, &cell);
		if (postgres_number(r, i % columns))
			buf_add_str(out, buf_str(&cell)); /* -1 is no formula */
		else
			csv_text(out, buf_str(&cell));
		buf_add_str(
		    out, (i + 1) % columns == 0 ? STR("\r\n") : STR(","));
	}
	buf_free(&cell);
}

void
grid_json(const struct postgres_rows *r, size_t row, size_t column,
    struct json_writer *w)
{
	struct buf cell = { 0 };

	postgres_show(r, row, column, &cell);
	if (postgres_null(r, row, column))
		json_null(w);
	else if (postgres_boolean(r, column))
		json_bool(w, postgres_bool(r, row, column));
	else if (postgres_number(r, column))
		json_raw(w, buf_str(&cell));
	else
		json_string(w, buf_str(&cell));
	buf_free(&cell);
}
