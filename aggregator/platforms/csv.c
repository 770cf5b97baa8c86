#include "aggregator/platforms/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct csv {
	csv_source *source;
	void *ctx;
	char chunk[65536];
	size_t at, end;
	int error; /* errno of the source */
	bool ended;
	int64_t line;    /* of the next byte */
	struct buf text; /* of the row's fields */
	size_t stop[CSV_FIELDS_MAX];
	struct str field[CSV_FIELDS_MAX];
	size_t fields;
};

struct csv *
csv_new(csv_source *source, void *ctx)
{
	struct csv *c = mem_zero(1, sizeof(*c));

	c->source = source;
	c->ctx = ctx;
	c->line = 1;
	return c;
}

void
csv_free(struct csv *c)
{
	if (c == NULL)
		return;
	buf_free(&c->text);
	free(c);
}

static bool
fill(struct csv *c)
{
	ssize_t n;

	if (c->ended)
		return false;
	n = c->source(c->ctx, c->chunk, sizeof(c->chunk));
	if (n <= 0) {
		c->ended = true;
		c->error = n < 0 ? errno : 0;
		return false;
	}
	c->at = 0;
	c->end = (size_t)n;
	return true;
}

/* The next byte without taking it; -1 at the end. */
static int
peek(struct csv *c)
{
	if (c->at == c->end && !fill(c))
		return -1;
	return (unsigned char)c->chunk[c->at];
}

static int
take(struct csv *c)
{
	int b = peek(c);

	if (b >= 0)
		c->at++;
	if (b == '\n')
		c->line++;
	return b;
}

static void
skip_line(struct csv *c)
{
	int b;

	do
		b = take(c);
	while (b >= 0 && b != '\n');
}

/* Takes CRLF or LF; a CR alone stays text. False if there is neither. */
static bool
take_end(struct csv *c, bool *stray)
{
	*stray = false;
	if (peek(c) == '\r') {
		take(c);
		if (peek(c) != '\n') {
			*stray = true;
			return false;
		}
	}
	if (peek(c) != '\n')
		return false;
	take(c);
	return true;
}

static const char *
add(struct csv *c, int b)
{
	if (b == '\0')
		return "a NUL byte";
	if (c->text.len >= CSV_ROW_MAX)
		return "longer than 1 MiB";
	buf_add_char(&c->text, (char)b);
	return NULL;
}

/* What is looked at one by one: all else of a field is taken in runs. */
enum { PLAIN = 1, QUOTED = 2 };
static const unsigned char stops[256] = { ['\0'] = PLAIN | QUOTED,
	['\n'] = PLAIN | QUOTED,
	['"'] = PLAIN | QUOTED,
	['\r'] = PLAIN,
	[','] = PLAIN };

/* Takes what is at hand up to a byte that stops KIND; within the limit. */
static void
take_run(struct csv *c, unsigned char kind)
{
	const char *from = c->chunk + c->at;
	size_t most = c->end - c->at, n = 0;

	if (most > CSV_ROW_MAX - c->text.len)
		most = CSV_ROW_MAX - c->text.len;
	while (n < most && !(stops[(unsigned char)from[n]] & kind))
		n++;
	buf_add(&c->text, from, n);
	c->at += n;
}

/* Behind the opening quote, up to and with the closing one. */
static const char *
read_quoted(struct csv *c)
{
	const char *why;
	int b;

	for (;;) {
		take_run(c, QUOTED);
		b = take(c);
		if (b < 0)
			return "a quote that is never closed";
		if (b == '"') {
			if (peek(c) != '"')
				return NULL;
			take(c);
		}
		why = add(c, b);
		if (why != NULL)
			return why;
	}
}

enum { MORE, LAST };

/* One field; *NEXT says whether another follows. NULL, or what is wrong. */
static const char *
read_field(struct csv *c, int *next)
{
	bool quoted = peek(c) == '"', stray;
	const char *why = NULL;
	int b;

	if (quoted) {
		take(c);
		why = read_quoted(c);
	}
	while (why == NULL) {
		if (!quoted)
			take_run(c, PLAIN);
		if (take_end(c, &stray)) {
			*next = LAST;
			return NULL;
		}
		if (stray)
			return "a carriage return inside a field";
		b = take(c);
		if (b < 0 || b == ',') {
			*next = b < 0 ? LAST : MORE;
			return NULL;
		}
		if (quoted)
			return "text behind a closing quote";
		if (b == '"')
			return "a quote inside a field that does not begin "
			       "with one";
		why = add(c, b);
	}
	return why;
}

static const char *
read_row(struct csv *c)
{
	const char *why;
	int next = MORE;

	c->text.len = 0;
	for (c->fields = 0; next == MORE; c->fields++) {
		if (c->fields == CSV_FIELDS_MAX)
			return "more than 256 fields";
		why = read_field(c, &next);
		if (why != NULL)
			return why;
		c->stop[c->fields] = c->text.len;
	}
	return NULL;
}

/* Cuts the text into fields; false when one of them is not UTF-8 (all in a
 * row might be, where a character is torn over two). */
static bool
cut_row(struct csv *c)
{
	size_t start = 0;

	for (size_t i = 0; i < c->fields; i++) {
		c->field[i] = str_make(c->text.data ? c->text.data + start : "",
		    c->stop[i] - start);
		if (!str_utf8(c->field[i]))
			return false;
		start = c->stop[i];
	}
	return true;
}

static void
skip_mark(struct csv *c)
{
	if (c->line == 1 && c->at == 0 && peek(c) == 0xef && c->end >= 3 &&
	    memcmp(c->chunk, "\xef\xbb\xbf", 3) == 0)
		c->at = 3;
}

enum csv_result
csv_next(struct csv *c, struct csv_row *row, struct error *err)
{
	const char *why;
	bool stray;

	*row = (struct csv_row){ .count = 0 };
	skip_mark(c);
	do
		row->line = c->line;
	while (take_end(c, &stray));
	if (stray || peek(c) >= 0) {
		why = stray ? "a carriage return inside a field" : read_row(c);
		if (c->error == 0 && why != NULL)
			skip_line(c);
		else if (c->error == 0 && !cut_row(c))
			why = "not UTF-8";
		/* What was read before a failure may be half a row. */
		if (c->error == 0 && why == NULL) {
			row->field = c->field;
			row->count = c->fields;
			return CSV_ROW;
		}
		if (c->error == 0) {
			error_set(err, ERROR_REJECT, "%s", why);
			return CSV_BAD;
		}
	}
	if (c->error == 0)
		return CSV_END;
	error_set(err, ERROR_FATAL, "cannot read: %s", strerror(c->error));
	return CSV_FAILED;
}

void
csv_text(struct buf *out, struct str value)
{
	bool formula = value.len > 0 && memchr("=+-@\t\r", value.data[0], 6);
	bool quote = formula;

	for (size_t i = 0; i < value.len && !quote; i++)
		quote = memchr(",\"\r\n", value.data[i], 4) != NULL;
	if (!quote) {
		buf_add_str(out, value);
		return;
	}
	buf_add_char(out, '"');
	if (formula)
		buf_add_char(out, '\'');
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '"')
			buf_add_char(out, '"');
		buf_add_char(out, value.data[i]);
	}
	buf_add_char(out, '"');
}
