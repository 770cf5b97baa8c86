/*
 * fuzz_query.c - whatever a query holds, names and values are UTF-8 without
 * NUL, and a clean value survives being encoded and read again.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
encode(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_printf(out, "%%%02x", (uint8_t)s.data[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1024);
	struct buf again = { 0 };
	char *copy = malloc(size + 1);
	struct str rest = str_make(copy, size), name, value, same, other;

	if (size > 0)
		memcpy(copy, data, size);
	while (http_next_param(&rest, arena, &name, &value)) {
		struct str text;

		assert(str_utf8(name) && str_utf8(value));
		assert(str_find_char(name, '\0') < 0);
		assert(str_find_char(value, '\0') < 0);
		assert(name.len + value.len <= 3 * size);
		again.len = 0;
		buf_add_char(&again, 'n');
		encode(&again, name);
		buf_add_char(&again, '=');
		encode(&again, value);
		text = buf_str(&again);
		assert(http_next_param(&text, arena, &same, &other));
		assert(str_eq(str_from(same, 1), name));
		assert(str_eq(other, value));
		assert(!http_next_param(&text, arena, &same, &other));
	}
	buf_free(&again);
	free(copy);
	arena_free(arena);
	return 0;
}
