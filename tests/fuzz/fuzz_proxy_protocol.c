/*
 * fuzz_proxy_protocol.c - a PROXY header is the same whole or in pieces, and
 * what follows it changes nothing.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/proxy_protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct in6_addr whole, part;
	size_t used = 0, part_used = 0;
	enum proxy_step step =
	    proxy_read(str_make((const char *)data, size), &whole, &used);
	enum proxy_step other = PROXY_MORE;

	for (size_t len = 0; len <= size && other == PROXY_MORE; len++) {
		/* As long as its memory, so that a read beyond is seen. */
		char *copy = malloc(len + 1);

		if (len > 0)
			memcpy(copy + 1, data, len);
		other = proxy_read(str_make(copy + 1, len), &part, &part_used);
		free(copy);
	}
	assert(step == other);
	if (step == PROXY_OK || step == PROXY_LOCAL) {
		assert(used > 0 && used <= size && used == part_used);
		assert(used <= PROXY_V2_HEAD + PROXY_V2_MORE);
	}
	if (step == PROXY_OK)
		assert(memcmp(&whole, &part, sizeof(whole)) == 0);
	if (step == PROXY_MORE)
		assert(size < PROXY_V2_HEAD + PROXY_V2_MORE);
	return 0;
}
