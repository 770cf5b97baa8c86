/*
 * siphash.c - SipHash-2-4 with 128 bits of output (Aumasson, Bernstein): a
 * pseudo-random function, so that the list of the erased tells nothing to who
 * has no key; a third of a microsecond cheaper than HMAC for sixteen bytes.
 */
#include "common/digest.h"

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
turn(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static uint64_t
read64(const uint8_t *p)
{
	uint64_t x = 0;

	for (int i = 7; i >= 0; i--)
		x = x << 8 | p[i];
	return x;
}

static void
rounds(struct state *s, int n)
{
	while (n-- > 0) {
		s->v0 += s->v1;
		s->v1 = turn(s->v1, 13) ^ s->v0;
		s->v0 = turn(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = turn(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = turn(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = turn(s->v1, 17) ^ s->v2;
		s->v2 = turn(s->v2, 32);
	}
}

static void
take(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, 2);
	s->v0 ^= word;
}

struct hash128
digest_siphash(const uint8_t key[DIGEST_SIPHASH_KEY], struct str data)
{
	const uint8_t *p = (const uint8_t *)data.data;
	uint64_t k0 = read64(key), k1 = read64(key + 8);
	struct state s = { k0 ^ UINT64_C(0x736f6d6570736575),
		k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
		k0 ^ UINT64_C(0x6c7967656e657261),
		k1 ^ UINT64_C(0x7465646279746573) };
	uint8_t last[8] = { 0 };
	size_t whole = data.len - data.len % 8;
	struct hash128 out;

	for (size_t i = 0; i < whole; i += 8)
		take(&s, read64(p + i));
	if (data.len > whole)
		memcpy(last, p + whole, data.len - whole);
	last[7] = (uint8_t)data.len;
	take(&s, read64(last));
	s.v2 ^= 0xee;
	rounds(&s, 4);
	out.hi = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
	s.v1 ^= 0xdd;
	rounds(&s, 4);
	out.lo = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
	return out;
}
