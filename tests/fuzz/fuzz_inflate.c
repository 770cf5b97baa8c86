/*
 * fuzz_inflate.c - a compressed body comes to the same whole or in pieces,
 * and never to more than its bound.
 *
 * The input's first byte says which format and how large the pieces are.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/inflate.h"

#define MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum inflate_result
in_pieces(struct inflate *z, enum inflate_format format, struct str body,
    size_t piece, struct buf *out)
{
	char few[64];
	size_t room = 1 + piece % sizeof(few), made;

	inflate_start(z, format);
	while (body.len > 0) {
		struct str in = str_head(body, piece);
		enum inflate_step step;

		body = str_from(body, in.len);
		do {
			step = inflate_next(z, &in, few, room, &made);
			buf_add(out, few, made);
			if (out->len > MAX)
				return INFLATE_LARGE;
		} while (step == INFLATE_FULL);
		if (step == INFLATE_BAD)
			return INFLATE_DAMAGED;
	}
	return inflate_whole(z) ? INFLATE_OK : INFLATE_DAMAGED;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inflate *z;
	struct buf whole = { 0 }, cut = { 0 };
	enum inflate_format format;
	enum inflate_result result;
	struct str body;

	if (size == 0)
		return 0;
	z = inflate_new();
	format = data[0] & 1 ? INFLATE_ZLIB : INFLATE_GZIP;
	body = str_make((const char *)data + 1, size - 1);
	result = inflate_all(z, format, body, MAX, &whole);
	assert(whole.len <= MAX);
	assert(result == in_pieces(z, format, body, 1 + (data[0] >> 1), &cut));
	if (result == INFLATE_OK)
		assert(str_eq(buf_str(&whole), buf_str(&cut)));
	inflate_free(z);
	buf_free(&whole);
	buf_free(&cut);
	return 0;
}
