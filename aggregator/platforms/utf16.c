#include "aggregator/platforms/utf16.h"

#define TORN '\xff'

static size_t
put(unsigned c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* One unit of 16 bits. */
static size_t
take(struct utf16 *u, unsigned unit, char *out)
{
	size_t n = 0;

	if (unit >= 0xdc00 && unit < 0xe000) {
		if (u->high == 0) {
			out[0] = TORN;
			return 1;
		}
		unit = 0x10000 + ((u->high - 0xd800) << 10) + (unit - 0xdc00);
		u->high = 0;
		return put(unit, out);
	}
	if (u->high != 0)
		out[n++] = TORN;
	u->high = 0;
	if (unit >= 0xd800 && unit < 0xdc00) {
		u->high = unit;
		return n;
	}
	return n + put(unit, out + n);
}

size_t
utf16_decode(struct utf16 *u, const char *in, size_t n, char *out)
{
	size_t made = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned byte = (unsigned char)in[i];

		if (!u->half) {
			u->odd = byte;
		} else {
			made += take(u,
			    u->big ? u->odd << 8 | byte : byte << 8 | u->odd,
			    out + made);
		}
		u->half = !u->half;
	}
	return made;
}

size_t
utf16_end(struct utf16 *u, char *out)
{
	size_t n = 0;

	if (u->high != 0)
		out[n++] = TORN;
	if (u->half)
		out[n++] = TORN;
	u->high = 0;
	u->half = false;
	return n;
}
