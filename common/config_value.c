/*
 * config_value.c - numbers with units; ${VAR} and ${file:PATH}.
 *
 * Units are rows {name, factor}: reading, writing and the list in an error
 * follow from them.
 */
#include "common/config_value.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUOTE_BYTES 60
#define FILE_BYTES 65536 /* of what ${file:} brings */

struct unit {
	const char *name;
	int64_t factor;
};
/* Ascending; NULL ends. */
static const struct unit bytes_units[] = { { "B", 1 },
	{ "KiB", INT64_C(1) << 10 }, { "MiB", INT64_C(1) << 20 },
	{ "GiB", INT64_C(1) << 30 }, { "TiB", INT64_C(1) << 40 }, { NULL, 0 } };
static const struct unit duration_units[] = { { "ms", 1 }, { "s", 1000 },
	{ "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }, { NULL, 0 } };

void
config_quote(struct str text, struct buf *out)
{
	size_t n = text.len < QUOTE_BYTES ? text.len : QUOTE_BYTES;

	while (n < text.len && n > 0 &&
	       ((unsigned char)text.data[n] & 0xc0) == 0x80)
		n--;
	buf_add_char(out, '"');
	for (size_t i = 0; i < n; i++) {
		unsigned char b = (unsigned char)text.data[i];

		/* C1 controls move a terminal's cursor too. */
		if (b < 0x20 || b == 0x7f ||
		    (b == 0xc2 && i + 1 < n &&
			(unsigned char)text.data[i + 1] < 0xa0))
			buf_add_char(out, '?');
		else
			buf_add_char(out, (char)b);
	}
	buf_add_str(out, n < text.len ? STR("...\"") : STR("\""));
}

static bool
fail(struct buf *why, struct str text, const char *what)
{
	config_quote(text, why);
	buf_add_str(why, str_of(what));
	return false;
}

static bool
fail_range(const struct setting *s, struct str text, struct buf *why)
{
	config_quote(text, why);
	buf_add_str(why, STR(" is out of range"));
	if (s->min != 0 || s->max != 0) {
		buf_add_str(why, STR(": "));
		config_value_write(s, s->min, why);
		buf_add_str(why, STR(" to "));
		config_value_write(s, s->max, why);
	}
	return false;
}

/* Digits and, behind them, a unit. BARE: a number alone is one, too. */
static bool
read_units(const struct setting *s, const struct unit *units, bool bare,
    struct str text, int64_t *value, struct buf *why)
{
	const struct unit *u = units;
	struct str name;
	size_t digits = 0;
	int64_t number;

	while (digits < text.len && text.data[digits] >= '0' &&
	       text.data[digits] <= '9')
		digits++;
	if (digits == 0)
		return fail(why, text, " is no number with a unit");
	name = str_from(text, digits);
	while (u->name != NULL && !str_is(name, u->name))
		u++;
	if (name.len == 0 && (bare || str_is(text, "0")))
		u = &units[0];
	if (u->name == NULL) {
		(void)fail(why, text,
		    name.len ? " has an unknown unit:" : " needs a unit:");
		for (u = units; u->name != NULL; u++)
			buf_printf(
			    why, "%s %s", u == units ? "" : ",", u->name);
		return false;
	}
	if (!str_int(str_head(text, digits), 0, INT64_MAX, &number) ||
	    __builtin_mul_overflow(number, u->factor, value))
		return fail_range(s, text, why);
	return true;
}

/* All digits, with a sign perhaps: then only its size can be wrong. */
static bool
is_integer(struct str text)
{
	size_t i = text.len > 0 && text.data[0] == '-';

	if (i == text.len)
		return false;
	for (; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	}
	return true;
}

static bool
read_choice(
    const struct setting *s, struct str text, int64_t *value, struct buf *why)
{
	for (int i = 0; s->choices[i] != NULL; i++) {
		if (str_is(text, s->choices[i])) {
			*value = i;
			return true;
		}
	}
	(void)fail(why, text, " is none of: ");
	for (int i = 0; s->choices[i] != NULL; i++)
		buf_printf(why, "%s%s", i ? ", " : "", s->choices[i]);
	return false;
}

bool
config_value_read(
    const struct setting *s, struct str text, int64_t *value, struct buf *why)
{
	switch (s->kind) {
	case SETTING_BOOL:
		*value = str_is(text, "true");
		if (*value == 0 && !str_is(text, "false"))
			return fail(why, text, " is neither true nor false");
		return true;
	case SETTING_CHOICE:
		return read_choice(s, text, value, why);
	case SETTING_BYTES:
		if (!read_units(s, bytes_units, true, text, value, why))
			return false;
		break;
	case SETTING_DURATION:
		if (!read_units(s, duration_units, false, text, value, why))
			return false;
		break;
	case SETTING_MICROS:
		if (!str_micros(text, value))
			return fail(why, text,
			    " is no decimal number with at most six places");
		break;
	default:
		if (!is_integer(text))
			return fail(why, text, " is no whole number");
		if (!str_int(text, INT64_MIN, INT64_MAX, value))
			return fail_range(s, text, why);
		break;
	}
	if ((s->min != 0 || s->max != 0) &&
	    (*value < s->min || *value > s->max))
		return fail_range(s, text, why);
	return true;
}

/* In the largest unit that leaves a whole number. */
static void
write_units(const struct unit *units, int64_t value, struct buf *out)
{
	const struct unit *best = units;

	for (const struct unit *u = units; u->name != NULL; u++) {
		if (value % u->factor == 0)
			best = u;
	}
	buf_add_int(out, value / best->factor);
	buf_add_str(out, str_of(best->name));
}

void
config_value_write(const struct setting *s, int64_t value, struct buf *out)
{
	if (s->kind == SETTING_BOOL)
		buf_add_str(out, value ? STR("true") : STR("false"));
	else if (s->kind == SETTING_CHOICE)
		buf_add_str(out, str_of(s->choices[value]));
	else if (s->kind == SETTING_MICROS)
		buf_add_micros(out, value);
	else if (s->kind == SETTING_INT || value == 0)
		buf_add_int(out, value);
	else if (s->kind == SETTING_BYTES)
		write_units(bytes_units, value, out);
	else
		write_units(duration_units, value, out);
}

char *
config_path(struct str path, const char *dir, struct arena *arena)
{
	bool as_is = path.len == 0 || path.data[0] == '/' || *dir == '\0';
	struct str whole;

	if (as_is)
		whole = arena_str(arena, path.len ? path : STR(""));
	else
		whole = arena_printf(arena, "%s/%.*s",
		    strcmp(dir, "/") == 0 ? "" : dir, STR_ARG(path));
	return (char *)(uintptr_t)whole.data;
}

/* Appends the text of the file at PATH to OUT, without its last newline. */
static bool
expand_file(const char *path, struct buf *out, struct buf *why)
{
	/* A pipe's missing writer must not stop the start. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t start = out->len;
	struct stat st;
	ssize_t n = -1;

	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		close(fd);
		buf_printf(why, "%s is no file", path);
		return false;
	}
	while (fd >= 0 && out->len - start <= FILE_BYTES) {
		buf_reserve(out, 4096);
		n = read(fd, out->data + out->len, 4096);
		if (n <= 0)
			break;
		out->len += (size_t)n;
	}
	if (n < 0)
		buf_printf(why, "cannot read %s: %s", path, strerror(errno));
	else if (out->len - start > FILE_BYTES)
		buf_printf(why, "%s is longer than %d bytes", path, FILE_BYTES);
	if (fd >= 0)
		close(fd);
	if (why->len > 0)
		return false;
	if (out->len > start && out->data[out->len - 1] == '\n')
		out->len--;
	if (out->len > start && out->data[out->len - 1] == '\r')
		out->len--;
	return true;
}

static bool
is_variable(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		bool letter = (c >= 'A' && c <= 'Z') ||
			      (c >= 'a' && c <= 'z') || c == '_';

		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return name.len > 0;
}

/* Appends what INSIDE, the text between ${ and }, stands for. */
static bool
expand_one(struct str inside, const char *dir, struct arena *arena,
    struct buf *out, struct buf *why)
{
	ptrdiff_t colon = str_find(inside, STR(":-"));
	struct str name = colon < 0 ? inside : str_head(inside, (size_t)colon);
	const char *value;

	if (str_starts(inside, STR("file:"))) {
		struct str path = str_from(inside, 5);

		if (path.len == 0 || memchr(path.data, '\0', path.len)) {
			buf_add_str(why, STR("${file:} needs a path"));
			return false;
		}
		return expand_file(config_path(path, dir, arena), out, why);
	}
	if (!is_variable(name)) {
		config_quote(name, why);
		buf_add_str(why, STR(" is no name of a variable"));
		return false;
	}
	value = getenv(arena_str(arena, name).data);
	if (colon >= 0 && (value == NULL || *value == '\0'))
		buf_add_str(out, str_from(inside, (size_t)colon + 2));
	else if (value != NULL)
		buf_add_str(out, str_of(value));
	else
		buf_printf(
		    why, "environment variable %.*s is not set", STR_ARG(name));
	return why->len == 0;
}

bool
config_expand(struct str text, const char *dir, struct arena *arena,
    struct str *result, struct buf *why)
{
	struct buf out = { 0 };
	ptrdiff_t at, end;
	bool ok = true;

	*result = text;
	if (str_find(text, STR("${")) < 0)
		return true;
	while (ok && (at = str_find(text, STR("${"))) >= 0) {
		buf_add_str(&out, str_head(text, (size_t)at));
		text = str_from(text, (size_t)at + 2);
		if (at > 0 && out.data[out.len - 1] == '$') {
			buf_add_char(&out, '{'); /* $${ */
			continue;
		}
		end = str_find_char(text, '}');
		if (end < 0) {
			buf_add_str(why, STR("${ without }"));
			ok = false;
			break;
		}
		ok = expand_one(
		    str_head(text, (size_t)end), dir, arena, &out, why);
		text = str_from(text, (size_t)end + 1);
	}
	buf_add_str(&out, text);
	if (ok && !str_utf8(buf_str(&out))) {
		buf_add_str(why, STR("what ${} brings is not UTF-8"));
		ok = false;
	}
	*result = arena_str(arena, out.len ? buf_str(&out) : STR(""));
	buf_free(&out);
	return ok;
}
