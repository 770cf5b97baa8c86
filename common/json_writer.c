/*
 * json_writer.c - JSON out. Whatever text comes in, what goes out is
 * well-formed, is UTF-8 and cannot end a <script> it stands in.
 */
#include "common/json.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct json_writer
json_write(struct buf *out)
{
	return (struct json_writer){ .out = out };
}

static void
begin_value(struct json_writer *w)
{
	if (w->comma)
		buf_add_char(w->out, ',');
	w->comma = true;
}

void
json_begin_object(struct json_writer *w)
{
	begin_value(w);
	buf_add_char(w->out, '{');
	w->comma = false;
}

void
json_end_object(struct json_writer *w)
{
	buf_add_char(w->out, '}');
	w->comma = true;
}

void
json_begin_array(struct json_writer *w)
{
	begin_value(w);
	buf_add_char(w->out, '[');
	w->comma = false;
}

void
json_end_array(struct json_writer *w)
{
	buf_add_char(w->out, ']');
	w->comma = true;
}

/* What can stand as it is: ASCII but controls, quotes, backslash, '<'. */
static const bool is_plain[256] = {
	[' ' ... '!'] = true,
	['#' ... ';'] = true,
	['=' ... '['] = true,
	[']' ... 0x7f] = true,
};

/*
 * Copies from P on what can stand as it is to TO, which has room for 15 bytes
 * more than that, and returns how many bytes those were.
 */
static size_t
copy_plain(char *to, const char *p, const char *end)
{
	const char *start = p;

#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
	const __m128i less = _mm_set1_epi8('<'), space = _mm_set1_epi8(' ');

	while (end - p >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* Signed: bytes over 0x7f are below a space, as controls are.
		 */
		__m128i stop =
		    _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote),
				     _mm_cmpeq_epi8(v, slash)),
			_mm_or_si128(
			    _mm_cmpeq_epi8(v, less), _mm_cmplt_epi8(v, space)));
		unsigned stops = (unsigned)_mm_movemask_epi8(stop);

		_mm_storeu_si128((__m128i *)(void *)(to + (p - start)), v);
		if (stops != 0)
			return (size_t)(p - start) +
			       (size_t)__builtin_ctz(stops);
		p += 16;
	}
#endif
	for (; p < end && is_plain[(unsigned char)*p]; p++)
		to[p - start] = *p;
	return (size_t)(p - start);
}

/* Bytes of the well-formed UTF-8 character at P, 0 if there is none. */
static size_t
utf8_size(const char *p, const char *end)
{
	unsigned char lead = (unsigned char)*p;
	size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	if ((size_t)(end - p) < size || !str_utf8(str_make(p, size)))
		return 0;
	return size;
}

/* Writes the character at P, which is not a plain one; returns its size. */
static size_t
write_special(struct buf *out, const char *p, const char *end)
{
	static const char short_from[] = "\"\\\b\f\n\r\t",
			  short_to[] = "\"\\bfnrt";
	const char *at = *p == '\0' ? NULL : strchr(short_from, *p);
	size_t size;

	if (at != NULL) {
		buf_add_char(out, '\\');
		buf_add_char(out, short_to[at - short_from]);
		return 1;
	}
	size = utf8_size(p, end);
	if (*p == '\0' || size == 0) {
		buf_add_str(out, STR("\xef\xbf\xbd"));
		return 1;
	}
	if (size == 1)
		buf_printf(out, "\\u%04x", (unsigned)*p);
	else if (size == 3 && memcmp(p, "\xe2\x80\xa8", 3) == 0)
		buf_add_str(out, STR("\\u2028"));
	else if (size == 3 && memcmp(p, "\xe2\x80\xa9", 3) == 0)
		buf_add_str(out, STR("\\u2029"));
	else
		buf_add(out, p, size);
	return size;
}

static void
write_text(struct buf *out, struct str text)
{
	const char *p = text.data, *end = text.len > 0 ? p + text.len : p;

	buf_add_char(out, '"');
	while (p < end) {
		size_t plain;

		buf_reserve(out, (size_t)(end - p) + 16);
		plain = copy_plain(out->data + out->len, p, end);
		out->len += plain;
		p += plain;
		if (p < end)
			p += write_special(out, p, end);
	}
	buf_add_char(out, '"');
}

size_t
json_text_bytes(struct str value)
{
	const char *p = value.data, *end;
	size_t bytes = 0, size;

	if (value.len == 0 ||
	    (str_utf8(value) && memchr(p, '\0', value.len) == NULL))
		return value.len;
	for (end = p + value.len; p < end; p += size ? size : 1) {
		size = *p == '\0' ? 0 : utf8_size(p, end);
		bytes += size ? size : 3;
	}
	return bytes;
}

void
json_key(struct json_writer *w, struct str key)
{
	begin_value(w);
	write_text(w->out, key);
	buf_add_char(w->out, ':');
	w->comma = false;
}

void
json_string(struct json_writer *w, struct str value)
{
	begin_value(w);
	write_text(w->out, value);
}

void
json_int(struct json_writer *w, int64_t value)
{
	begin_value(w);
	buf_add_int(w->out, value);
}

void
json_micros(struct json_writer *w, int64_t micros)
{
	begin_value(w);
	buf_add_micros(w->out, micros);
}

void
json_bool(struct json_writer *w, bool value)
{
	begin_value(w);
	buf_add_str(w->out, value ? STR("true") : STR("false"));
}

void
json_null(struct json_writer *w)
{
	begin_value(w);
	buf_add_str(w->out, STR("null"));
}

void
json_raw(struct json_writer *w, struct str value)
{
	begin_value(w);
	buf_add_str(w->out, value);
}
