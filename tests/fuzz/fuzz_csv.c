/*
 * fuzz_csv.c - any bytes as CSV: rows stay in their bounds and in UTF-8, the
 * size of the pieces read does not matter, and a row that is written comes
 * back as it was.
 */
#include "aggregator/platforms/csv.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct source {
	struct str rest;
	size_t step;
};

static ssize_t
hand_out(void *ctx, char *out, size_t room)
{
	struct source *s = ctx;
	size_t n = s->rest.len < s->step ? s->rest.len : s->step;

	n = n < room ? n : room;
	if (n > 0)
		memcpy(out, s->rest.data, n);
	s->rest = str_from(s->rest, n);
	return (ssize_t)n;
}

/* All rows of TEXT, written again, behind their line numbers. */
static void
read_all(struct str text, size_t step, bool sniff, struct buf *out,
    struct buf *again)
{
	struct source source = { text, step };
	struct csv *c = csv_new(hand_out, &source);
	struct csv_row row;
	struct error err;
	enum csv_result result;
	int64_t line = 0;

	if (sniff)
		csv_sniff(c);
	while ((result = csv_next(c, &row, &err)) != CSV_END) {
		assert(result == CSV_ROW || result == CSV_BAD);
		assert(row.line > line); /* it moves on */
		line = row.line;
		buf_printf(out, "%lld %d\n", (long long)row.line, result);
		if (result == CSV_BAD)
			continue;
		assert(row.count >= 1 && row.count <= CSV_FIELDS_MAX);
		for (size_t i = 0; i < row.count; i++) {
			assert(row.field[i].len <= CSV_ROW_MAX);
			assert(str_utf8(row.field[i]));
			buf_add_str(again, i > 0 ? STR(",") : STR(""));
			csv_text(again, row.field[i]);
			buf_add_str(out, row.field[i]);
			buf_add_char(out, '|');
		}
		buf_add_char(again, '\n');
	}
	csv_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_make((const char *)data, size);
	struct buf whole = { 0 }, pieces = { 0 }, once = { 0 }, twice = { 0 };

	for (int sniff = 0; sniff < 2; sniff++) {
		whole.len = pieces.len = once.len = twice.len = 0;
		read_all(text, 65536, sniff, &whole, &once);
		read_all(text, 1, sniff, &pieces, &twice);
		assert(str_eq(buf_str(&whole), buf_str(&pieces)));
	}
	twice.len = pieces.len = 0;
	read_all(buf_str(&once), 65536, false, &pieces, &twice);
	buf_free(&whole);
	buf_free(&pieces);
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
