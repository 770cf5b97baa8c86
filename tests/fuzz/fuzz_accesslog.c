/*
 * fuzz_accesslog.c - any bytes as a log line: what is read is UTF-8 without
 * controls and within its limits.
 */
#include "aggregator/cli/accesslog.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(struct str s, size_t max)
{
	assert(s.len <= max);
	assert(str_utf8(s));
	for (size_t i = 0; i < s.len; i++)
		assert((unsigned char)s.data[i] >= 0x20 && s.data[i] != 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4096);
	struct accesslog_line out;
	struct error err;

	if (accesslog_parse(
		str_make((const char *)data, size), arena, &out, &err)) {
		check(out.ip, 45);
		check(out.method, 32);
		check(out.target, 2048);
		check(out.referrer, 2048);
		check(out.user_agent, 512);
		assert(out.status >= 100 && out.status <= 599);
		assert(out.time_ms >= 0);
	} else {
		assert(err.kind == ERROR_REJECT);
	}
	arena_free(arena);
	return 0;
}
