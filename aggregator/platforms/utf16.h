/*
 * utf16.h - UTF-16 to UTF-8, piece by piece: what spreadsheets and some ad
 * platforms call "Unicode text".
 */
#ifndef AGGREGATOR_PLATFORMS_UTF16_H
#define AGGREGATOR_PLATFORMS_UTF16_H

#include <stdbool.h>
#include <stddef.h>

/* What lay across two pieces. Zeroed, with BIG set, is a beginning. */
struct utf16 {
	bool big;      /* big-endian */
	bool half;     /* ODD holds the first byte of a unit */
	unsigned odd;  /* that byte */
	unsigned high; /* a surrogate that waits for its other half; 0: none */
};

/* How many bytes utf16_decode() writes at most for N. */
#define UTF16_ROOM(n) (((n) / 2 + 1) * 3 + 1)

/*
 * Appends IN (N bytes) as UTF-8 to OUT and returns how many bytes that are.
 * Half a surrogate pair becomes the byte 0xFF, which is no UTF-8: the reader
 * behind refuses the row it stands in.
 */
size_t utf16_decode(struct utf16 *u, const char *in, size_t n, char *out);
/* The end of the text: the same for what is torn there. Room: 2 bytes. */
size_t utf16_end(struct utf16 *u, char *out);

#endif
