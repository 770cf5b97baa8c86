#include "aggregator/platforms/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/platforms/utf16.h"

#define CHUNK_BYTES 65536
#define HEAD_BYTES 16384 /* that csv_sniff() looks at */
#define HEAD_LINES 60

/* What is looked at one by one: all else of a field is taken in runs. */
enum { PLAIN = 1, QUOTED = 2 };

struct csv {
	csv_source *source;
	void *ctx;
	char chunk[CHUNK_BYTES];
	char *raw; /* CHUNK_BYTES of a file in UTF-16, else NULL */
	struct utf16 utf16;
	size_t at, end;
	int error; /* errno of the source */
	bool begun, ended;
	char separator;
	unsigned char stops[256];
	int64_t line;    /* of the next byte */
	struct buf text; /* of the row's fields */
	size_t stop[CSV_FIELDS_MAX];
	struct str field[CSV_FIELDS_MAX];
	size_t fields;
};

static void
separate_by(struct csv *c, char separator)
{
	c->stops[(unsigned char)c->separator] = 0;
	c->separator = separator;
	c->stops[(unsigned char)separator] = PLAIN;
}

struct csv *
csv_new(csv_source *source, void *ctx)
{
	struct csv *c = mem_zero(1, sizeof(*c));

	c->source = source;
	c->ctx = ctx;
	c->line = 1;
	separate_by(c, ',');
	c->stops['\0'] = PLAIN | QUOTED;
	c->stops['\n'] = PLAIN | QUOTED;
	c->stops['"'] = PLAIN | QUOTED;
	c->stops['\r'] = PLAIN;
	return c;
}

void
csv_free(struct csv *c)
{
	if (c == NULL)
		return;
	buf_free(&c->text);
	free(c->raw);
	free(c);
}

/* Puts what the source has next behind END. False: nothing more comes. */
static bool
more(struct csv *c)
{
	size_t room = CHUNK_BYTES - c->end;
	char *to = c->chunk + c->end;
	ssize_t n;

	if (c->ended || room < 64)
		return false;
	if (c->raw != NULL) {
		room = room / 3 * 2 - 4;
		to = c->raw;
	}
	n = c->source(c->ctx, to, room);
	if (n <= 0) {
		c->ended = true;
		c->error = n < 0 ? errno : 0;
		if (c->raw != NULL)
			c->end += utf16_end(&c->utf16, c->chunk + c->end);
		return c->at < c->end;
	}
	c->end += c->raw == NULL ? (size_t)n
				 : utf16_decode(&c->utf16, c->raw, (size_t)n,
				       c->chunk + c->end);
	return true;
}

/* Turns what was read so far, and all that follows, from UTF-16. */
static void
from_utf16(struct csv *c, bool big, size_t mark)
{
	size_t n = c->end - mark;

	/* It grows by half at most, and begin() leaves half of the room. */
	c->raw = mem_alloc(CHUNK_BYTES);
	memcpy(c->raw, c->chunk + mark, n);
	c->utf16.big = big;
	c->end = utf16_decode(&c->utf16, c->raw, n, c->chunk);
}

/* The first bytes tell the encoding: by a mark, or by the NULs of ASCII. */
static void
begin(struct csv *c)
{
	unsigned char b[4] = { 0 };
	size_t n;

	c->begun = true;
	while (c->end < 4) {
		ssize_t got = c->source(
		    c->ctx, c->chunk + c->end, CHUNK_BYTES / 2 - c->end);

		if (got <= 0) {
			c->ended = true;
			c->error = got < 0 ? errno : 0;
			break;
		}
		c->end += (size_t)got;
	}
	n = c->end < 4 ? c->end : 4;
	memcpy(b, c->chunk, n);
	if (n >= 2 && b[0] == 0xff && b[1] == 0xfe)
		from_utf16(c, false, 2);
	else if (n >= 2 && b[0] == 0xfe && b[1] == 0xff)
		from_utf16(c, true, 2);
	else if (n >= 4 && b[0] != 0 && b[1] == 0 && b[2] != 0 && b[3] == 0)
		from_utf16(c, false, 0);
	else if (n >= 4 && b[0] == 0 && b[1] != 0 && b[2] == 0 && b[3] != 0)
		from_utf16(c, true, 0);
	else if (n >= 3 && memcmp(b, "\xef\xbb\xbf", 3) == 0)
		c->at = 3;
	if (c->ended && c->raw != NULL)
		c->end += utf16_end(&c->utf16, c->chunk + c->end);
}

static bool
fill(struct csv *c)
{
	if (!c->begun) {
		begin(c);
		if (c->at < c->end)
			return true;
	}
	c->at = c->end = 0;
	while (more(c)) {
		if (c->end > 0)
			return true;
	}
	return false;
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

/* Takes what is at hand up to a byte that stops KIND; within the limit. */
static void
take_run(struct csv *c, unsigned char kind)
{
	const char *from = c->chunk + c->at;
	size_t most = c->end - c->at, n = 0;

	if (most > CSV_ROW_MAX - c->text.len)
		most = CSV_ROW_MAX - c->text.len;
	while (n < most && !(c->stops[(unsigned char)from[n]] & kind))
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
		if (b < 0 || b == (unsigned char)c->separator) {
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

/*
 * How well S separates TEXT: the most fields that many lines agree on, times
 * those lines. Titles and dates above the table have few, a comma within a
 * number or a name stands in few lines.
 */
static size_t
weight(struct str text, char s)
{
	size_t lines[HEAD_LINES + 1] = { 0 }, fields[HEAD_LINES + 1];
	size_t kinds = 0, count = 0, best = 0;
	bool quoted = false;

	for (size_t i = 0, line = 0; i < text.len && line < HEAD_LINES; i++) {
		char b = text.data[i];
		size_t k = 0;

		if (b == '"')
			quoted = !quoted;
		else if (b == s && !quoted)
			count++;
		if (quoted || (b != '\n' && i + 1 < text.len))
			continue;
		while (k < kinds && fields[k] != count)
			k++;
		kinds += k == kinds;
		fields[k] = count;
		if (count * ++lines[k] > best)
			best = count * lines[k];
		count = 0;
		line++;
	}
	return best;
}

void
csv_sniff(struct csv *c)
{
	static const char separators[] = { ',', '\t', ';' };
	size_t best = 0, w;
	struct str head;
	char last;

	if (c->at == c->end && !fill(c))
		return;
	while (c->end - c->at < HEAD_BYTES && more(c))
		;
	head = str_head(str_make(c->chunk + c->at, c->end - c->at), HEAD_BYTES);
	last = head.len > 0 ? head.data[head.len - 1] : '\n';
	/* A line that was cut would count short. */
	while ((!c->ended || c->end - c->at > HEAD_BYTES) && head.len > 0 &&
	       last != '\n') {
		head.len--;
		last = head.len > 0 ? head.data[head.len - 1] : '\n';
	}
	for (size_t i = 0; i < sizeof(separators); i++) {
		w = weight(head, separators[i]);
		/* A tie is decimal commas: they are fewer, or as many. */
		if (w > 0 && w >= best) {
			best = w;
			separate_by(c, separators[i]);
		}
	}
}

enum csv_result
csv_next(struct csv *c, struct csv_row *row, struct error *err)
{
	const char *why;
	bool stray;

	*row = (struct csv_row){ .count = 0 };
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

/* As OWASP has it; the last four are wide forms of the first four, which
 * some spreadsheets take as well. */
bool
csv_formula(struct str value)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b",
		"\xef\xbc\x8d", "\xef\xbc\xa0" };

	if (value.len > 0 && memchr("=+-@\t\r\n", value.data[0], 7) != NULL)
		return true;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		if (str_starts(value, str_of(wide[i])))
			return true;
	}
	return false;
}

static void
add_field(struct buf *out, struct str value, bool formula)
{
	bool quote = formula;

	for (size_t i = 0; i < value.len && !quote; i++)
		quote = memchr(",;\t\"\r\n", value.data[i], 6) != NULL;
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

void
csv_text(struct buf *out, struct str value)
{
	add_field(out, value, csv_formula(value));
}

void
csv_exact(struct buf *out, struct str value)
{
	add_field(out, value, false);
}
