/*
 * http.h - HTTP/1.1 requests read strictly (RFC 9110, 9112), without I/O.
 *
 * Whatever is ambiguous about framing is refused and ends the connection:
 * better no answer than two readings of one stream.
 */
#ifndef COMMON_HTTP_H
#define COMMON_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/str.h"

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_OPTIONS,
	HTTP_OTHER /* a well-formed token that we do not serve: 501 or 405 */
};

struct http_header {
	struct str name, value; /* value trimmed */
};

struct http_limits {
	uint32_t line_bytes;   /* request line; 8192 */
	uint32_t header_bytes; /* all header fields; 16384 */
	uint32_t header_count; /* 100 */
	uint32_t body_bytes;   /* 65536, of the body before it is inflated */
};

/*
 * All strs borrow from the connection's input until the answer is made; a
 * body that came in chunks borrows from the parser, until it is reset.
 *
 * Targets hold printable ASCII but '#': browsers send |, ^, { and others as
 * they are. The path of "http://host" is "/"; of OPTIONS * it is "*".
 */
struct http_request {
	enum http_method method;
	struct str method_text;
	struct str path;  /* as sent, up to '?': still percent-encoded */
	struct str query; /* behind '?', may be empty */
	struct str host;  /* the Host field or the absolute form's authority */
	struct http_header *headers;
	size_t header_count;
	uint64_t absent; /* bit N: no header's name is N (mod 64) bytes long */
	struct str body; /* whole, chunks joined */
	bool minor_zero; /* HTTP/1.0 */
	bool keep_alive;
	bool expects_continue;
};

enum http_step {
	HTTP_MORE,  /* needs more bytes */
	HTTP_READY, /* request is whole */
	HTTP_BAD    /* refuse with p->status and close */
};

/*
 * A parser reads one request at a time from the start of a contiguous
 * buffer. It never looks twice at a byte it has understood.
 */
struct http_parser;
struct http_parser *http_parser_new(const struct http_limits *limits);
void http_parser_free(struct http_parser *p);
/*
 * Looks at INPUT, which begins where the last request ended and grows from
 * call to call (its bytes may move). HTTP_READY fills *REQ and sets *USED
 * to the bytes that belong to it. HTTP_BAD sets *STATUS: 400, 405, 408, 411,
 * 413, 414, 417, 431, 501 or 505.
 */
enum http_step http_parse(struct http_parser *p, struct str input,
    struct http_request *req, size_t *used, int *status);
/* True once the header section is whole and the body is still coming. */
bool http_parser_in_body(const struct http_parser *p);
/* Then: the bytes of the input before the body. */
size_t http_parser_body_at(const struct http_parser *p);
/* The same, and the client waits for "100 Continue" before it sends it. */
bool http_parser_wants_continue(const struct http_parser *p);
/* Ready for the next request. */
void http_parser_reset(struct http_parser *p);

static inline uint64_t
http_length_bit(struct str name)
{
	return UINT64_C(1) << (name.len & 63);
}
/* The first field called NAME (case ignored), or the empty str. */
struct str http_find_header(const struct http_request *req, struct str name);
static inline struct str
http_header(const struct http_request *req, const char *name)
{
	struct str wanted = str_of(name); /* a literal's length is known */

	/* Most of those that are asked for nobody sends. */
	if (req->absent & http_length_bit(wanted))
		return STR_EMPTY;
	return http_find_header(req, wanted);
}
/* How many fields are called NAME. */
size_t http_header_times(const struct http_request *req, const char *name);

/*
 * The value of cookie NAME (case counts), spaces around it cut off, or the
 * empty str. The first one wins, over all Cookie fields.
 */
struct str http_cookie(const struct http_request *req, const char *name);

/*
 * Query and form text: the next NAME=VALUE of *REST, both percent-decoded
 * into ARENA ('+' is a space). False at the end. The one rule for all text:
 *  - only '&' separates; empty parts are passed over; without '=' the value
 *    is empty; the first '=' counts;
 *  - decoded once; an escape that is not '%' and two hex digits stays as it
 *    is; "%2B" is '+';
 *  - then each NUL, and each byte that is not part of well-formed UTF-8 (no
 *    overlong form, no surrogate, nothing above U+10FFFF), becomes one
 *    U+FFFD. All other control characters stay.
 */
bool http_next_param(
    struct str *rest, struct arena *arena, struct str *name, struct str *value);

/* The standard phrase of STATUS, "Unknown" if none. */
const char *http_phrase(int status);

#endif
