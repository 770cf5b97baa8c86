#include "aggregator/cli/print.h"

#include <string.h>

#include "aggregator/cli/table.h"
#include "aggregator/report/grid.h"
#include "common/json.h"
#include "common/postgres.h"

/* Words that say how things stand; only in columns that are made of them, as a
 * campaign may be called "missing". */
static enum table_tone
tone_of(const char *column, struct str value)
{
	static const char *const columns[] = { "status", "day_status", "state",
		"findings", "suggestion" };
	static const struct {
		const char *word;
		enum table_tone tone;
	} words[] = { { "matched", TABLE_GOOD }, { "missing", TABLE_BAD },
		{ "different amount", TABLE_WARN }, { "extra", TABLE_WARN },
		{ "cancelled", TABLE_SOFT }, { "open", TABLE_WARN },
		{ "suggestion: spend more", TABLE_GOOD },
		{ "suggestion: spend less", TABLE_WARN },
		{ "not enough data", TABLE_SOFT }, { "rejected", TABLE_BAD },
		{ "accepted", TABLE_GOOD } };
	bool known = false;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		known = known || strcmp(column, columns[i]) == 0;
	for (size_t i = 0; known && i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_is(value, words[i].word))
			return words[i].tone;
	}
	return strcmp(column, "findings") == 0 ? TABLE_WARN : TABLE_PLAIN;
}

void
print_table(const struct postgres_rows *r, struct buf *out)
{
	struct table *t = table_new();
	struct buf cell = { 0 };
	size_t columns = postgres_rows_columns(r);

	for (size_t c = 0; c < columns; c++)
		table_column(t, postgres_column(r, c), postgres_number(r, c));
	for (size_t i = 0; i < postgres_rows_count(r) * columns; i++) {
		cell.len = 0;
		postgres_show(r, i / columns, i % columns, &cell);
		table_cell(t, buf_str(&cell));
		if (!postgres_number(r, i % columns))
			table_tone(t, tone_of(postgres_column(r, i % columns),
					  buf_str(&cell)));
		else if (cell.len > 1 && cell.data[0] == '-')
			table_tone(t, TABLE_BAD);
	}
	table_show(t, table_colour(), out);
	buf_free(&cell);
	table_free(t);
}

void
print_json(const struct postgres_rows *r, size_t row, struct json_writer *w)
{
	json_begin_object(w);
	for (size_t c = 0; c < postgres_rows_columns(r); c++) {
		json_key(w, str_of(postgres_column(r, c)));
		grid_json(r, row, c, w);
	}
	json_end_object(w);
}

void
print_json_rows(const struct postgres_rows *r, struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_array(&w);
	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		buf_add_char(out, '\n');
		print_json(r, i, &w);
	}
	json_end_array(&w);
	buf_add_char(out, '\n');
}

void
print_csv(const struct postgres_rows *r, struct buf *out)
{
	grid_csv(r, postgres_rows_columns(r), out);
}

void
print_rounded(struct buf *text, int places)
{
	int64_t micros, unit = 1, whole, part;

	if (!str_micros(buf_str(text), &micros) || micros == INT64_MIN)
		return; /* beyond int64: shown as it is */
	for (int i = places; i < 6; i++)
		unit *= 10;
	whole = micros < 0 ? -micros : micros;
	whole = (whole / unit) + (whole % unit >= (unit + 1) / 2);
	part = 1000000 / unit;
	text->len = 0;
	buf_printf(text, "%s%lld.%0*lld", micros < 0 && whole > 0 ? "-" : "",
	    (long long)(whole / part), places, (long long)(whole % part));
}
