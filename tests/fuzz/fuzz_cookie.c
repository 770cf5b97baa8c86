/*
 * fuzz_cookie.c - any Cookie field can be searched, and what is found lies
 * inside it, behind its name.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "_ac_v", "_ac_s", "a" };
	char *copy = malloc(size + 1);
	struct http_header field = { STR("Cookie"), str_make(copy, size) };
	struct http_request req = { .headers = &field, .header_count = 1 };

	if (size > 0)
		memcpy(copy, data, size);
	for (size_t i = 0; i < 3; i++) {
		struct str name = str_of(names[i]);
		struct str value = http_cookie(&req, names[i]);

		if (value.data == NULL)
			continue;
		assert(value.data > copy + name.len);
		assert(value.data + value.len <= copy + size);
		assert(str_find_char(value, ';') < 0);
		assert(str_find(str_make(copy, size), name) >= 0);
	}
	free(copy);
	return 0;
}
