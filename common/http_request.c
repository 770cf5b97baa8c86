/*
 * http_request.c - what a whole request says: fields, cookies, parameters.
 */
#include "common/http.h"

#include <string.h>

#include "common/http_syntax.h"

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
http_header(const struct http_request *req, const char *name)
{
	struct str wanted = str_of(name);

	for (size_t i = 0; i < req->header_count; i++) {
		if (same_name(req->headers[i].name, wanted))
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

static int
hex(char c)
{
	if (!http_is(c, HTTP_HEX))
		return -1;
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
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

static struct str
decode(struct str s, struct arena *arena)
{
	char *out = arena_alloc(arena, s.len + 1);
	uint8_t high = 0;
	bool nul = false;
	size_t len = 0;

	for (size_t at = 0; at < s.len; at++) {
		char c = s.data[at];

		if (c == '+') {
			c = ' ';
		} else if (c == '%' && s.len - at > 2 &&
			   hex(s.data[at + 1]) >= 0 &&
			   hex(s.data[at + 2]) >= 0) {
			c = (char)(hex(s.data[at + 1]) * 16 +
				   hex(s.data[at + 2]));
			at += 2;
		}
		high |= (uint8_t)c;
		nul |= c == '\0';
		out[len++] = c;
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
