#include "aggregator/cli/table.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define COLUMNS_MAX 32

struct column {
	const char *title;
	bool right;
	size_t width;
};

struct table {
	struct column column[COLUMNS_MAX];
	size_t columns;
	struct buf text; /* all cells, one behind the other */
	size_t *end;     /* of each cell in text */
	uint8_t *tone;   /* of each cell */
	size_t cells, room;
	bool *line; /* of each row: a line above it */
	size_t lines;
};

struct table *
table_new(void)
{
	return mem_zero(1, sizeof(struct table));
}

void
table_free(struct table *t)
{
	if (t == NULL)
		return;
	buf_free(&t->text);
	free(t->end);
	free(t->tone);
	free(t->line);
	free(t);
}

/*
 * The code point at the start of S, its bytes in *LEN; a byte that begins
 * none counts as one.
 */
static uint32_t
decode(struct str s, size_t *len)
{
	unsigned char c = (unsigned char)s.data[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t code = n == 1 ? c : c & (0xffu >> (n + 1));

	*len = 1;
	if ((c >= 0x80 && c < 0xc2) || n > s.len)
		return 0xfffd;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)s.data[i] & 0xc0) != 0x80)
			return 0xfffd;
		code = code << 6 | ((unsigned char)s.data[i] & 0x3f);
	}
	*len = n;
	return code;
}

static bool
control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
	       (code >= 0x200e && code <= 0x200f) || /* these turn the line */
	       (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

static size_t
code_width(uint32_t code)
{
	if ((code >= 0x300 && code < 0x370) || code == 0x200b ||
	    code == 0x200d || (code >= 0xfe00 && code <= 0xfe0f))
		return 0;
	if ((code >= 0x1100 && code <= 0x115f) ||
	    (code >= 0x2e80 && code <= 0xa4cf) ||
	    (code >= 0xac00 && code <= 0xd7a3) ||
	    (code >= 0xf900 && code <= 0xfaff) ||
	    (code >= 0xfe30 && code <= 0xfe6f) ||
	    (code >= 0xff00 && code <= 0xff60) ||
	    (code >= 0x1f300 && code <= 0x1faff) ||
	    (code >= 0x20000 && code <= 0x3fffd))
		return 2;
	return 1;
}

size_t
table_width(struct str s)
{
	size_t width = 0, len;

	for (; s.len > 0; s = str_from(s, len))
		width += code_width(decode(s, &len));
	return width;
}

void
table_column(struct table *t, const char *title, bool right)
{
	assert(t->columns < COLUMNS_MAX && t->cells == 0);
	t->column[t->columns++] =
	    (struct column){ title, right, table_width(str_of(title)) };
}

void
table_cell(struct table *t, struct str value)
{
	struct column *column = &t->column[t->cells % t->columns];
	size_t start = t->text.len, len, width;
	uint32_t code;

	if (t->cells == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->end = mem_grow(t->end, t->room * sizeof(*t->end));
		t->line = mem_grow(t->line, t->room * sizeof(*t->line));
		t->tone = mem_grow(t->tone, t->room * sizeof(*t->tone));
	}
	if (t->cells % t->columns == 0) {
		/* A row begins; table_line() may have marked it already. */
		if (t->lines <= t->cells / t->columns) {
			t->line[t->cells / t->columns] = false;
			t->lines = t->cells / t->columns + 1;
		}
	}
	for (; value.len > 0; value = str_from(value, len)) {
		code = decode(value, &len);
		if (control(code) || code == 0xfffd)
			buf_add_char(&t->text, '?');
		else
			buf_add(&t->text, value.data, len);
	}
	t->tone[t->cells] = TABLE_PLAIN;
	t->end[t->cells++] = t->text.len;
	width = table_width(str_from(buf_str(&t->text), start));
	if (width > column->width)
		column->width = width;
}

void
table_tone(struct table *t, enum table_tone tone)
{
	assert(t->cells > 0);
	t->tone[t->cells - 1] = (uint8_t)tone;
}

void
table_least(struct table *t, size_t width)
{
	struct column *column = &t->column[t->columns - 1];

	if (width > column->width)
		column->width = width;
}

void
table_line(struct table *t)
{
	size_t row = t->cells / t->columns;

	assert(t->cells % t->columns == 0);
	if (row >= t->room) {
		t->room = row + 64;
		t->end = mem_grow(t->end, t->room * sizeof(*t->end));
		t->line = mem_grow(t->line, t->room * sizeof(*t->line));
		t->tone = mem_grow(t->tone, t->room * sizeof(*t->tone));
	}
	t->line[row] = true;
	t->lines = row + 1;
}

static void
repeat(struct buf *out, char c, size_t n)
{
	while (n-- > 0)
		buf_add_char(out, c);
}

/* VALUE in the width of column I, in the colour CODE, "" for none; no blanks
 * at the line's end. */
static void
show_cell(const struct table *t, size_t i, struct str value, const char *code,
    struct buf *out)
{
	size_t blanks = t->column[i].width - table_width(value);
	bool last = i + 1 == t->columns;

	if (t->column[i].right)
		repeat(out, ' ', blanks);
	if (code[0] != '\0')
		buf_printf(out, "\033[%sm", code);
	buf_add_str(out, value);
	if (code[0] != '\0')
		buf_add_str(out, STR("\033[0m"));
	if (!t->column[i].right && !last)
		repeat(out, ' ', blanks);
	buf_add_str(out, last ? STR("\n") : STR("  "));
}

static void
show_line(const struct table *t, struct buf *out)
{
	for (size_t i = 0; i < t->columns; i++) {
		repeat(out, '-', t->column[i].width);
		buf_add_str(out, i + 1 == t->columns ? STR("\n") : STR("  "));
	}
}

void
table_head(const struct table *t, bool colour, struct buf *out)
{
	assert(t->columns > 0);
	if (colour)
		buf_add_str(out, STR("\033[1m"));
	for (size_t i = 0; i < t->columns; i++)
		show_cell(t, i, str_of(t->column[i].title), "", out);
	if (colour)
		buf_add_str(out, STR("\033[0m"));
	show_line(t, out);
}

void
table_show(const struct table *t, bool colour, struct buf *out)
{
	table_head(t, colour, out);
	table_body(t, colour, out);
}

void
table_body(const struct table *t, bool colour, struct buf *out)
{
	static const char *const codes[] = { [TABLE_PLAIN] = "",
		[TABLE_GOOD] = "32",
		[TABLE_WARN] = "33",
		[TABLE_BAD] = "31",
		[TABLE_SOFT] = "2" };
	size_t start = 0;

	assert(t->cells % t->columns == 0);
	for (size_t i = 0; i < t->cells; i++) {
		if (i % t->columns == 0 && t->line[i / t->columns])
			show_line(t, out);
		show_cell(t, i % t->columns,
		    str_make(t->text.data ? t->text.data + start : "",
			t->end[i] - start),
		    colour ? codes[t->tone[i]] : "", out);
		start = t->end[i];
	}
}

bool
table_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return (no == NULL || no[0] == '\0') && isatty(STDOUT_FILENO);
}
