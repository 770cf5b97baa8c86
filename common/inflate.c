/*
 * inflate.c - zlib's inflate() with our own end-of-stream rules.
 *
 * zlib stops at the end of a gzip member; further members follow in files
 * that were appended to, so we begin anew there. Its state is reset, not
 * freed, between streams: no allocation a request.
 */
#include "common/inflate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#define WINDOW_BITS 15
#define GZIP_ONLY 16 /* added to the window's bits */

struct inflate {
	z_stream zlib;
	bool ready; /* ZLIB holds memory */
	enum inflate_format format;
	bool ended; /* at the end of a stream or member */
	bool bad;
};

/* A body is not damaged because there is no memory to look at it. */
static voidpf
allocate(voidpf opaque, uInt count, uInt size)
{
	(void)opaque;
	return mem_zero(count, size);
}

static void
release(voidpf opaque, voidpf p)
{
	(void)opaque;
	free(p);
}

struct inflate *
inflate_new(void)
{
	struct inflate *z = mem_zero(1, sizeof(*z));

	z->zlib.zalloc = allocate;
	z->zlib.zfree = release;
	return z;
}

void
inflate_free(struct inflate *z)
{
	if (z == NULL)
		return;
	if (z->ready)
		inflateEnd(&z->zlib);
	free(z);
}

void
inflate_start(struct inflate *z, enum inflate_format format)
{
	int bits =
	    format == INFLATE_GZIP ? WINDOW_BITS + GZIP_ONLY : WINDOW_BITS;
	int code;

	z->zlib.next_in = NULL;
	z->zlib.avail_in = 0;
	code = z->ready ? inflateReset2(&z->zlib, bits)
			: inflateInit2(&z->zlib, bits);
	/* Nothing can go wrong with these arguments and a zlib of ours. */
	z->bad = code != Z_OK;
	z->ready = z->ready || code == Z_OK;
	z->format = format;
	z->ended = false;
}

static unsigned
at_most(size_t len)
{
	return len > UINT_MAX ? UINT_MAX : (unsigned)len;
}

/* At the end of a stream: may what follows belong to it? */
static bool
go_on(struct inflate *z)
{
	if (z->format != INFLATE_GZIP || inflateReset(&z->zlib) != Z_OK)
		return false;
	z->ended = false;
	return true;
}

enum inflate_step
inflate_next(
    struct inflate *z, struct str *in, char *out, size_t room, size_t *made)
{
	*made = 0;
	while (!z->bad && *made < room) {
		unsigned in_now = at_most(in->len);
		unsigned out_now = at_most(room - *made);
		int code;

		if (z->ended && in->len == 0)
			return INFLATE_MORE;
		if (z->ended && !go_on(z))
			break;
		z->zlib.next_in = (z_const Bytef *)in->data;
		z->zlib.avail_in = in_now;
		z->zlib.next_out = (Bytef *)(out + *made);
		z->zlib.avail_out = out_now;
		code = inflate(&z->zlib, Z_NO_FLUSH);
		*in = str_from(*in, in_now - z->zlib.avail_in);
		*made += out_now - z->zlib.avail_out;
		if (code == Z_STREAM_END)
			z->ended = true;
		else if (code == Z_BUF_ERROR && in->len == 0)
			return INFLATE_MORE;
		else if (code != Z_OK)
			break; /* a preset dictionary as well: nobody has it */
		else if (in->len == 0 && z->zlib.avail_out > 0)
			return INFLATE_MORE;
	}
	if (!z->bad && *made == room)
		return INFLATE_FULL;
	z->bad = true;
	return INFLATE_BAD;
}

bool
inflate_whole(const struct inflate *z)
{
	return z->ended && !z->bad;
}

enum inflate_result
inflate_all(struct inflate *z, enum inflate_format format, struct str body,
    size_t max, struct buf *out)
{
	enum inflate_step step;
	size_t made;
	char one;

	out->len = 0;
	inflate_start(z, format);
	do {
		size_t room = out->cap - out->len;

		if (out->len == max) {
			/* What is left may be the stream's end alone. */
			step = inflate_next(z, &body, &one, 1, &made);
			if (made > 0)
				return INFLATE_LARGE;
			break;
		}
		if (room == 0) {
			size_t more = out->len > 4096 ? out->len : 4096;

			buf_reserve(
			    out, more < max - out->len ? more : max - out->len);
			room = out->cap - out->len;
		}
		if (room > max - out->len)
			room = max - out->len;
		step =
		    inflate_next(z, &body, out->data + out->len, room, &made);
		out->len += made;
	} while (step == INFLATE_FULL);
	return step == INFLATE_MORE && inflate_whole(z) ? INFLATE_OK
							: INFLATE_DAMAGED;
}
