/*
 * http_request.c - what a whole request says: fields, cookies, parameters.
 */
#include "common/http.h"

#include <string.h>

#include "common/http_syntax.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static bool
same_name(struct str field, struct str name)
{
	if (field.len != name.len)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char a = field.data[i], b = name.data[i];

		/* Both are tokens: case is all that bit 32 can be here,
		 * but for a few marks that we never ask for. */
		if (a != b && ((a ^ b) != 32 || !http_is(a, HTTP_NAME)))
			return false;
	}
	return true;
}

struct str
http_find_header(const struct http_request *req, struct str name)
{
	for (size_t i = 0; i < req->header_count; i++) {
		if (same_name(req->headers[i].name, name))
			return req->headers[i].value;
	}
	return STR_EMPTY;
}

size_t
http_header_times(const struct http_request *req, const char *name)
{
	struct str wanted = str_of(name);
	size_t times = 0;

	for (size_t i = 0; i < req->header_count; i++)
		times += same_name(req->headers[i].name, wanted);
	return times;
}

struct str
http_cookie(const struct http_request *req, const char *name)
{
	struct str wanted = str_of(name), rest, pair;

	if (req->absent & http_length_bit(STR("cookie")))
		return STR_EMPTY;
	for (size_t i = 0; i < req->header_count; i++) {
		if (!http_same(req->headers[i].name, STR("cookie")))
			continue;
		rest = req->headers[i].value;
		while (str_cut(&rest, ';', &pair)) {
			ptrdiff_t equals = str_find_char(pair, '=');

			if (equals < 0 ||
			    !str_eq(http_trim(str_head(pair, (size_t)equals)),
				wanted))
				continue;
			return http_trim(str_from(pair, (size_t)equals + 1));
		}
	}
	return STR_EMPTY;
}

/* The byte that "%HL" stands for, from H and L; -1 when it is no escape. A
 * table, as addresses in addresses are full of them. */
static int
escaped(char high, char low)
{
	/* One more than the digit, so that 0 says none. */
	static const uint8_t digit[256] = { ['0'] = 1,
		['1'] = 2,
		['2'] = 3,
		['3'] = 4,
		['4'] = 5,
		['5'] = 6,
		['6'] = 7,
		['7'] = 8,
		['8'] = 9,
		['9'] = 10,
		['a'] = 11,
		['b'] = 12,
		['c'] = 13,
		['d'] = 14,
		['e'] = 15,
		['f'] = 16,
		['A'] = 11,
		['B'] = 12,
		['C'] = 13,
		['D'] = 14,
		['E'] = 15,
		['F'] = 16 };
	int h = digit[(uint8_t)high], l = digit[(uint8_t)low];

	return h == 0 || l == 0 ? -1 : (h - 1) * 16 + l - 1;
}

/* Bytes of the well-formed, not-NUL UTF-8 character at S[AT]; 0 if none. */
static size_t
character(struct str s, size_t at)
{
	static const uint8_t heads[] = { 0xc2, 0xe0, 0xf0, 0xf5 };
	uint8_t first = (uint8_t)s.data[at];
	size_t bytes = 1;

	if (first < 0x80)
		return first != 0;
	if (first < heads[0] || first >= heads[3])
		return 0;
	while (first >= heads[bytes - 1])
		bytes++;
	if (s.len - at < bytes || !str_utf8(str_make(s.data + at, bytes)))
		return 0;
	return bytes;
}

/* S with each NUL and each byte that is not UTF-8 replaced. */
static struct str
clean(struct str s, struct arena *arena)
{
	char *out = arena_alloc(arena, s.len * 3 + 1);
	size_t len = 0;

	for (size_t at = 0; at < s.len;) {
		size_t bytes = character(s, at);

		if (bytes == 0) {
			memcpy(out + len, REPLACEMENT, 3);
			len += 3;
			at++;
			continue;
		}
		memcpy(out + len, s.data + at, bytes);
		len += bytes;
		at += bytes;
	}
	out[len] = '\0';
	return str_make(out, len);
}

/*
 * Copies from S[AT] on what stands for itself, 16 bytes at a time, and
 * returns how many those were. OUT has room for 16 bytes more than S.
 */
static size_t
copy_plain(struct str s, size_t at, char *out)
{
	static const bool plain[256] = {
		[1 ... '$'] = true,
		['&' ... '*'] = true,
		[',' ... 0x7f] = true,
	};
	size_t from = at;

#ifdef __SSE2__
	const __m128i percent = _mm_set1_epi8('%'), plus = _mm_set1_epi8('+');
	const __m128i one = _mm_set1_epi8(1);

	while (s.len - at >= 16) {
		__m128i v = _mm_loadu_si128(
		    (const __m128i *)(const void *)(s.data + at));
		/* Signed: NUL and all beyond ASCII are below 1. */
		__m128i stop = _mm_or_si128(_mm_cmplt_epi8(v, one),
		    _mm_or_si128(
			_mm_cmpeq_epi8(v, percent), _mm_cmpeq_epi8(v, plus)));
		unsigned stops = (unsigned)_mm_movemask_epi8(stop);

		_mm_storeu_si128((__m128i *)(void *)(out + (at - from)), v);
		if (stops != 0)
			return at - from + (size_t)__builtin_ctz(stops);
		at += 16;
	}
#endif
	for (; at < s.len && plain[(uint8_t)s.data[at]]; at++)
		out[at - from] = s.data[at];
	return at - from;
}

static struct str
decode(struct str s, struct arena *arena)
{
	char *out = arena_alloc(arena, s.len + 17);
	uint8_t high = 0;
	bool nul = false;
	size_t len = 0, at = 0;

	while (at < s.len) {
		char c = s.data[at];
		int byte;

		if (c == '+') {
			out[len++] = ' ';
			at++;
		} else if (c == '%' && s.len - at > 2 &&
			   (byte = escaped(s.data[at + 1], s.data[at + 2])) >=
			       0) {
			high |= (uint8_t)byte;
			nul |= byte == 0;
			out[len++] = (char)byte;
			at += 3;
		} else if (c == '%' || (signed char)c < 1) {
			high |= (uint8_t)c;
			nul |= c == '\0';
			out[len++] = c;
			at++;
		} else {
			size_t plain = copy_plain(s, at, out + len);

			at += plain;
			len += plain;
		}
	}
	out[len] = '\0';
	s = str_make(out, len);
	if (!nul && (high < 0x80 || str_utf8(s)))
		return s;
	return clean(s, arena);
}

bool
http_next_param(
    struct str *rest, struct arena *arena, struct str *name, struct str *value)
{
	struct str part;
	ptrdiff_t equals;

	do {
		if (!str_cut(rest, '&', &part))
			return false;
	} while (part.len == 0);
	equals = str_find_char(part, '=');
	if (equals < 0) {
		*name = decode(part, arena);
		*value = STR("");
		return true;
	}
	*name = decode(str_head(part, (size_t)equals), arena);
	*value = decode(str_from(part, (size_t)equals + 1), arena);
	return true;
}

const char *
http_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 301, "Moved Permanently" },
		{ 302, "Found" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 307, "Temporary Redirect" },
		{ 308, "Permanent Redirect" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 411, "Length Required" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" },
		{ 421, "Misdirected Request" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return "Unknown";
}
