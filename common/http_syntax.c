/*
 * http_syntax.c - the grammar of RFC 9110 and 9112, piece by piece.
 *
 * Hosts are narrower than RFC 3986 has them (no %41, no sub-delimiters):
 * whoever sends those to us wants to confuse somebody. Targets are wider:
 * browsers send |, ^, { and the like as they are, and they harm nobody.
 */
#include "common/http_syntax.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define MARK (HTTP_TEXT | HTTP_TOKEN | HTTP_TARGET)
#define ALNUM (MARK | HTTP_NAME)

const uint8_t http_class[256] = {
	['\t'] = HTTP_TEXT,
	[' '] = HTTP_TEXT,
	['!'] = MARK,
	['"'] = HTTP_TEXT | HTTP_TARGET,
	['#'] = HTTP_TEXT | HTTP_TOKEN,
	['$' ... '\''] = MARK,
	['(' ... ')'] = HTTP_TEXT | HTTP_TARGET,
	['*' ... '+'] = MARK,
	[','] = HTTP_TEXT | HTTP_TARGET,
	['-' ... '.'] = ALNUM,
	['/'] = HTTP_TEXT | HTTP_TARGET,
	['0' ... '9'] = ALNUM | HTTP_HEX,
	[':' ... '@'] = HTTP_TEXT | HTTP_TARGET,
	['A' ... 'F'] = ALNUM | HTTP_HEX,
	['G' ... 'Z'] = ALNUM,
	['[' ... ']'] = HTTP_TEXT | HTTP_TARGET,
	['^'] = MARK,
	['_'] = ALNUM,
	['`'] = MARK,
	['a' ... 'f'] = ALNUM | HTTP_HEX,
	['g' ... 'z'] = ALNUM,
	['{'] = HTTP_TEXT | HTTP_TARGET,
	['|'] = MARK,
	['}'] = HTTP_TEXT | HTTP_TARGET,
	['~'] = MARK,
	[0x80 ... 0xff] = HTTP_TEXT,
};

size_t
http_skip_text(const char *data, size_t at, size_t end)
{
#ifdef __SSE2__
	const __m128i low = _mm_set1_epi8(0x1f), del = _mm_set1_epi8(0x7f);

	while (end - at >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(data + at));
		__m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, low), v);
		int hit = _mm_movemask_epi8(
		    _mm_or_si128(control, _mm_cmpeq_epi8(v, del)));

		if (hit == 0) {
			at += 16;
			continue;
		}
		at += (size_t)__builtin_ctz((unsigned)hit);
		if (data[at] != '\t')
			return at;
		at++;
	}
#endif
	while (at < end && http_is(data[at], HTTP_TEXT))
		at++;
	return at;
}

size_t
http_skip_target(const char *data, size_t len)
{
	size_t at = 0;

#ifdef __SSE2__
	const __m128i space = _mm_set1_epi8(' '), del = _mm_set1_epi8(0x7f);
	const __m128i hash = _mm_set1_epi8('#');

	while (len - at >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(data + at));
		/* Signed: above a space is what is printable, and DEL. */
		__m128i good = _mm_andnot_si128(_mm_cmpeq_epi8(v, del),
		    _mm_andnot_si128(
			_mm_cmpeq_epi8(v, hash), _mm_cmpgt_epi8(v, space)));

		if (_mm_movemask_epi8(good) != 0xffff)
			break;
		at += 16;
	}
#endif
	while (at < len && http_is(data[at], HTTP_TARGET))
		at++;
	return at;
}

struct str
http_trim(struct str s)
{
	while (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '\t'))
		s = str_make(s.data + 1, s.len - 1);
	while (s.len > 0 &&
	       (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
		s.len--;
	return s;
}

bool
http_same(struct str s, struct str lower)
{
	if (s.len != lower.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		if (c != lower.data[i])
			return false;
	}
	return true;
}

/* The place behind the name or the [address] that begins S; 0 if none. */
static size_t
host_end(struct str s)
{
	size_t end = 1;

	if (s.len == 0 || s.data[0] != '[') {
		end = http_run(s, 0, HTTP_NAME);
		return end > 255 ? 0 : end;
	}
	while (end < s.len && (http_is(s.data[end], HTTP_HEX) ||
				  s.data[end] == ':' || s.data[end] == '.'))
		end++;
	return end < 3 || end == s.len || s.data[end] != ']' ? 0 : end + 1;
}

bool
http_host_ok(struct str s)
{
	size_t end = host_end(s);
	int port = 0;

	if (end == 0 || s.len - end > 6)
		return false;
	if (end == s.len)
		return true;
	if (s.data[end] != ':')
		return false;
	while (++end < s.len) {
		if (s.data[end] < '0' || s.data[end] > '9')
			return false;
		port = port * 10 + s.data[end] - '0';
	}
	return port <= 65535;
}

bool
http_field(struct str line, struct str *name, struct str *value)
{
	size_t colon = http_run(line, 0, HTTP_TOKEN);

	if (colon == 0 || colon == line.len || line.data[colon] != ':')
		return false;
	*name = str_make(line.data, colon);
	*value =
	    http_trim(str_make(line.data + colon + 1, line.len - colon - 1));
	return true;
}

/* Reads *AT past the rest of a quoted string. */
static bool
quoted(struct str line, size_t *at)
{
	for (; *at < line.len; (*at)++) {
		if (line.data[*at] == '\\')
			(*at)++;
		else if (line.data[*at] == '"')
			return ++*at, true;
	}
	return false;
}

bool
http_extension(struct str line, size_t *at)
{
	size_t n;

	if (*at == line.len || line.data[(*at)++] != ';')
		return false;
	n = http_run(line, *at, HTTP_TOKEN);
	*at += n;
	if (n == 0 || *at == line.len || line.data[*at] != '=')
		return n > 0;
	(*at)++;
	if (*at < line.len && line.data[*at] == '"') {
		(*at)++;
		return quoted(line, at);
	}
	n = http_run(line, *at, HTTP_TOKEN);
	*at += n;
	return n > 0;
}
