/*
 * inflate.h - gzip and zlib streams, piece by piece. The only file that
 * knows zlib is inflate.c.
 *
 * What comes out is bounded by the caller's buffer, never by what the stream
 * promises: a bomb costs as much as its reader has room for.
 */
#ifndef COMMON_INFLATE_H
#define COMMON_INFLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "common/str.h"

enum inflate_format {
	INFLATE_GZIP, /* RFC 1952, one member after another */
	INFLATE_ZLIB  /* RFC 1950, which HTTP calls "deflate" */
};

/* About 40 KB once it is used; kept from stream to stream. */
struct inflate;

/* The caller owns the result. */
struct inflate *inflate_new(void);
/* NULL is allowed. */
void inflate_free(struct inflate *z);

/* Forgets what was, and waits for the first byte of a stream of FORMAT. */
void inflate_start(struct inflate *z, enum inflate_format format);

enum inflate_step {
	INFLATE_MORE, /* all of IN is used; a stream may not end here unless
			 inflate_whole() */
	INFLATE_FULL, /* OUT is full: call again with room */
	INFLATE_BAD   /* no such stream, or bytes behind its end */
};
/*
 * Inflates from *IN, which moves behind what was used, into OUT (ROOM bytes,
 * at least 1) and sets *MADE.
 */
enum inflate_step inflate_next(
    struct inflate *z, struct str *in, char *out, size_t room, size_t *made);
/* True when all that came so far is one whole stream (gzip: some). */
bool inflate_whole(const struct inflate *z);

enum inflate_result { INFLATE_OK, INFLATE_DAMAGED, INFLATE_LARGE };
/*
 * Puts all of BODY, inflated, in OUT (what it held is forgotten), if that
 * has no more than MAX bytes. INFLATE_LARGE comes as soon as it would be
 * more, and nothing beyond MAX is kept.
 */
enum inflate_result inflate_all(struct inflate *z, enum inflate_format format,
    struct str body, size_t max, struct buf *out) MUST_CHECK;

#endif
