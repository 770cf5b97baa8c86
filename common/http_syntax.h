/*
 * http_syntax.h - the small pieces of HTTP's grammar: which bytes may stand
 * where, names, hosts, fields, chunk extensions. For http.c and the files
 * that write HTTP.
 */
#ifndef COMMON_HTTP_SYNTAX_H
#define COMMON_HTTP_SYNTAX_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

/* Classes of bytes; or them together. */
enum {
	HTTP_TEXT = 1,   /* in a line: TAB and all but control characters */
	HTTP_TOKEN = 2,  /* RFC 9110 5.6.2 */
	HTTP_TARGET = 4, /* printable ASCII but '#' */
	HTTP_NAME = 8,   /* of a host */
	HTTP_HEX = 16
};

extern const uint8_t http_class[256];

static inline bool
http_is(char c, int what)
{
	return (http_class[(uint8_t)c] & what) != 0;
}

/* How many bytes of S from AT on are of class WHAT. */
static inline size_t
http_run(struct str s, size_t at, int what)
{
	size_t end = at;

	while (end < s.len && http_is(s.data[end], what))
		end++;
	return end - at;
}

/* S is not empty and all of class WHAT. */
static inline bool
http_all(struct str s, int what)
{
	return s.len > 0 && http_run(s, 0, what) == s.len;
}

/* The place in [AT, END) of the first byte that is not HTTP_TEXT, or END. */
size_t http_skip_text(const char *data, size_t at, size_t end);

/* How many bytes at the start of DATA are HTTP_TARGET. */
size_t http_skip_target(const char *data, size_t len);

/* S without the spaces and tabs around it. */
struct str http_trim(struct str s);
/* S equals LOWER, which is in lower case, but for the case of letters. */
bool http_same(struct str s, struct str lower);
/* S is a name or an address, perhaps with a port, as Host wants it. */
bool http_host_ok(struct str s);
/* Cuts LINE into *NAME and *VALUE at the colon; false if it is no field. */
bool http_field(struct str line, struct str *name, struct str *value);
/* Reads *AT past one chunk extension `;name[=value]` of LINE; false if
 * there is none. White space inside is refused: others disagree about it. */
bool http_extension(struct str line, size_t *at);

#endif
