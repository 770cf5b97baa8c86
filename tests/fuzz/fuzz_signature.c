/*
 * fuzz_signature.c - whatever the header Afterclick-Signature holds: only
 * who knows the key is let in, and one good v1 among others is enough.
 *
 * The input's first line is the header, the rest the body.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "collector/server_api.h"
#include "common/digest.h"

#define NOW INT64_C(1700000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *const keys[] = { (char *)"", (char *)"a-key-of-sixteen-bytes" };

/* "t=T,v1=MAC" of TIME and BODY. */
static struct str
sign(int64_t time_s, struct str body, struct buf *out)
{
	struct buf text = { 0 };
	uint8_t mac[SHA256_BYTES];
	char hex[2 * SHA256_BYTES + 1];

	buf_add_int(&text, time_s);
	buf_add_char(&text, '.');
	buf_add_str(&text, body);
	digest_hmac_sha256(str_of(keys[1]), buf_str(&text), mac);
	digest_hex(mac, sizeof(mac), hex);
	buf_free(&text);
	out->len = 0;
	buf_printf(out, "t=%lld,v1=%s", (long long)time_s, hex);
	return buf_str(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct texts both = { (char **)(void *)keys, 2 };
	const struct texts none = { NULL, 0 };
	struct str body = str_make((const char *)data, size), header;
	struct buf good = { 0 };
	char *copy;

	if (!str_cut(&body, '\n', &header))
		return 0;
	/* As long as its memory, so that a read beyond is seen. */
	copy = malloc(header.len + 1);
	if (header.len > 0)
		memcpy(copy + 1, header.data, header.len);
	header = str_make(copy + 1, header.len);
	/* Nobody guesses a MAC; without keys none is good. */
	assert(server_api_verify(header, body, &both, NOW) != NULL);
	assert(server_api_verify(header, body, &none, NOW) != NULL);
	free(copy);

	assert(server_api_verify(sign(NOW, body, &good), body, &both, NOW) ==
	       NULL);
	assert(server_api_verify(sign(NOW, body, &good), body, &both,
		   NOW + SERVER_API_SKEW_S + 1) != NULL);
	assert(server_api_verify(sign(NOW, body, &good), body, &none, NOW) !=
	       NULL);
	/* Of one bit changed nothing is good any more. */
	if (size > 0) {
		size_t at = data[0] % good.len;

		good.data[at] ^= 1;
		assert(server_api_verify(buf_str(&good), body, &both, NOW) !=
		       NULL);
	}
	buf_free(&good);
	return 0;
}
