/*
 * digest.h - hashes, keyed hashes, random bytes, hex and base64url.
 * SHA-256, HMAC and randomness are OpenSSL's; 64/128-bit hashes are xxHash's.
 */
#ifndef COMMON_DIGEST_H
#define COMMON_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/str.h"

#define SHA256_BYTES 32

void digest_sha256(struct str data, uint8_t out[SHA256_BYTES]);
/* Of a file's bytes; false and errno when it cannot be read. */
bool digest_sha256_file(const char *name, uint8_t out[SHA256_BYTES]) MUST_CHECK;
void digest_hmac_sha256(
    struct str key, struct str data, uint8_t out[SHA256_BYTES]);

/* Compares in a time that depends on LEN only. */
bool digest_equal(const void *a, const void *b, size_t len);

/* Random bytes fit for keys and ids. No entropy ends the process. */
void digest_random(void *out, size_t len);

/* CRC32C (Castagnoli), continued from CRC; start with 0. */
uint32_t digest_crc32c(uint32_t crc, const void *data, size_t len);

/* Not for secrets. XXH3. */
uint64_t digest_hash64(struct str data, uint64_t seed);
struct hash128 {
	uint64_t hi, lo;
};
struct hash128 digest_hash128(struct str data, uint64_t seed);

/*
 * A keyed hash for tables: without KEY nobody can tell whose a value is, not
 * by trying all ids either. SipHash-2-4 of 128 bits.
 */
#define DIGEST_SIPHASH_KEY 16
struct hash128 digest_siphash(
    const uint8_t key[DIGEST_SIPHASH_KEY], struct str data);

/* Lower-case hex of LEN bytes and a NUL into OUT (2 * LEN + 1 bytes). */
void digest_hex(const void *data, size_t len, char *out);
/* Exactly LEN bytes from 2 * LEN hex digits of either case. */
bool digest_unhex(struct str hex, void *out, size_t len) MUST_CHECK;

/* base64url without padding into OUT, which holds DIGEST_BASE64_MAX(len). */
#define DIGEST_BASE64_MAX(len) (((len) + 2) / 3 * 4 + 1)
size_t digest_base64url(const void *data, size_t len, char *out);
/*
 * Reads TEXT, base64 or base64url with or without padding, into OUT, which
 * holds TEXT.len / 4 * 3 + 3 bytes; *LEN says how many there are. False when
 * it is neither.
 */
bool digest_unbase64(struct str text, void *out, size_t *len) MUST_CHECK;

#endif
