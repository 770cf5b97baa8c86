/*
 * digest.c - the only file that knows OpenSSL and xxHash.
 */
#include "common/digest.h"

/* SHA256_Init() and its kin are deprecated and stay: EVP's way to the same
 * code costs more in look-ups and allocations than a cookie's hash itself. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#define SHA256_BLOCK 64

void
digest_sha256(struct str data, uint8_t out[SHA256_BYTES])
{
	SHA256_CTX ctx;

	SHA256_Init(&ctx);
	if (data.len > 0)
		SHA256_Update(&ctx, data.data, data.len);
	SHA256_Final(out, &ctx);
}

bool
digest_sha256_file(const char *name, uint8_t out[SHA256_BYTES])
{
	FILE *file = fopen(name, "re");
	char bytes[16384];
	SHA256_CTX ctx;
	size_t n;
	bool ok;

	if (file == NULL)
		return false;
	SHA256_Init(&ctx);
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		SHA256_Update(&ctx, bytes, n);
	ok = !ferror(file);
	fclose(file);
	SHA256_Final(out, &ctx);
	return ok;
}

/* The state after the key's block, which is XORed with PAD (RFC 2104). */
static void
start_keyed(SHA256_CTX *ctx, const uint8_t key[SHA256_BLOCK], uint8_t pad)
{
	uint8_t block[SHA256_BLOCK];

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = key[i] ^ pad;
	SHA256_Init(ctx);
	SHA256_Update(ctx, block, sizeof(block));
	OPENSSL_cleanse(block, sizeof(block));
}

/*
 * The states behind a key's two blocks are kept for the thread's next call:
 * cookies are signed with one key, and this halves their cost.
 */
struct keyed {
	uint8_t block[SHA256_BLOCK];
	SHA256_CTX inner, outer;
	bool made;
};

static const struct keyed *
keyed_for(struct str key)
{
	static _Thread_local struct keyed kept;
	uint8_t block[SHA256_BLOCK] = { 0 };

	if (key.len > sizeof(block))
		digest_sha256(key, block);
	else if (key.len > 0)
		memcpy(block, key.data, key.len);
	if (!kept.made || !digest_equal(block, kept.block, sizeof(block))) {
		memcpy(kept.block, block, sizeof(block));
		start_keyed(&kept.inner, block, 0x36);
		start_keyed(&kept.outer, block, 0x5c);
		kept.made = true;
	}
	OPENSSL_cleanse(block, sizeof(block));
	return &kept;
}

void
digest_hmac_sha256(struct str key, struct str data, uint8_t out[SHA256_BYTES])
{
	const struct keyed *keyed = keyed_for(key);
	SHA256_CTX ctx = keyed->inner;

	if (data.len > 0)
		SHA256_Update(&ctx, data.data, data.len);
	SHA256_Final(out, &ctx);
	ctx = keyed->outer;
	SHA256_Update(&ctx, out, SHA256_BYTES);
	SHA256_Final(out, &ctx);
}

bool
digest_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void
digest_random(void *out, size_t len)
{
	assert(len <= INT32_MAX);
	if (RAND_bytes(out, (int)len) != 1) {
		fprintf(stderr, "the system gives no random bytes\n");
		abort();
	}
}

static uint32_t crc_table[256];

/* The Castagnoli polynomial, bits reversed. */
#define CRC32C_POLYNOMIAL 0x82f63b78u

__attribute__((constructor)) static void
make_crc_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? CRC32C_POLYNOMIAL : 0);
		crc_table[i] = crc;
	}
}

static uint32_t
crc_by_table(uint32_t crc, const unsigned char *at, size_t len)
{
	for (; len > 0; len--)
		crc = crc >> 8 ^ crc_table[(crc ^ *at++) & 0xff];
	return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
crc_by_cpu(uint32_t crc, const unsigned char *at, size_t len)
{
	uint64_t wide = crc;

	for (; len >= 8; len -= 8, at += 8) {
		uint64_t eight;

		memcpy(&eight, at, 8);
		wide = _mm_crc32_u64(wide, eight);
	}
	return crc_by_table((uint32_t)wide, at, len);
}
#endif

uint32_t
digest_crc32c(uint32_t crc, const void *data, size_t len)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("sse4.2"))
		return ~crc_by_cpu(~crc, data, len);
#endif
	return ~crc_by_table(~crc, data, len);
}

uint64_t
digest_hash64(struct str data, uint64_t seed)
{
	return XXH3_64bits_withSeed(data.data, data.len, seed);
}

struct hash128
digest_hash128(struct str data, uint64_t seed)
{
	XXH128_hash_t h = XXH3_128bits_withSeed(data.data, data.len, seed);

	return (struct hash128){ h.high64, h.low64 };
}

void
digest_hex(const void *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *at = data;

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[at[i] >> 4];
		*out++ = digits[at[i] & 15];
	}
	*out = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
digest_unhex(struct str hex, void *out, size_t len)
{
	unsigned char *to = out;

	if (hex.len != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(hex.data[2 * i]);
		int low = hex_digit(hex.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		to[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

size_t
digest_base64url(const void *data, size_t len, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const unsigned char *at = data;
	char *to = out;

	while (len > 0) {
		size_t take = len < 3 ? len : 3;
		uint32_t bits = (uint32_t)at[0] << 16;

		if (take > 1)
			bits |= (uint32_t)at[1] << 8;
		if (take > 2)
			bits |= at[2];
		for (size_t i = 0; i <= take; i++)
			*to++ = digits[bits >> (18 - 6 * i) & 63];
		at += take;
		len -= take;
	}
	*to = '\0';
	return (size_t)(to - out);
}

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

bool
digest_unbase64(struct str text, void *out, size_t *len)
{
	uint8_t *at = out;
	uint32_t bits = 0;
	unsigned have = 0;

	for (int i = 0; i < 2 && text.len > 0 && text.data[text.len - 1] == '=';
	     i++)
		text.len--;
	if (text.len % 4 == 1)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int value = base64_value(text.data[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			*at++ = (uint8_t)(bits >> have);
		}
	}
	*len = (size_t)(at - (uint8_t *)out);
	return true;
}
