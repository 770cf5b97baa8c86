/*
 * fuzz_record.c - a record that was read can be written, and is then read as
 * the same; its place in the spool can be given to it.
 */
#include "common/record.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
same(const struct record *a, const struct record *b)
{
	for (int i = 0; i < RECORD_spool_id; i++) {
		size_t at = record_fields[i].offset;
		const char *x = (const char *)a + at, *y = (const char *)b + at;

		if (record_fields[i].is_text)
			assert(str_eq(*(const struct str *)(const void *)x,
			    *(const struct str *)(const void *)y));
		else
			assert(*(const int64_t *)(const void *)x ==
			       *(const int64_t *)(const void *)y);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4096);
	struct buf json = { 0 }, sealed = { 0 };
	struct record r, back;
	struct error err;

	if (!record_decode(
		&r, str_make((const char *)data, size), arena, &err)) {
		assert(err.kind == ERROR_REJECT);
		goto out;
	}
	/* Escapes may make it grow; then it is refused, and that is fine. */
	if (!record_encode(&r, &json, &err)) {
		assert(size > RECORD_MAX_BYTES / 6);
		goto out;
	}
	record_seal(&sealed, buf_str(&json), 255, 3, 2);
	assert(sealed.len <= RECORD_MAX_BYTES);
	assert(record_decode(&back, buf_str(&sealed), arena, &err));
	same(&r, &back);
	assert(str_is(back.spool_id, "00000000000000ff"));
	assert(back.seq == 3 && back.floor == 2);
out:
	buf_free(&json);
	buf_free(&sealed);
	arena_free(arena);
	return 0;
}
