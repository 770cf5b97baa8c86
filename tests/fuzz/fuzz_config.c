/*
 * fuzz_config.c - any text either reads or is refused with a line for each
 * problem; what was read and printed reads again and prints the same.
 */
#include "common/config.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct item {
	char *name;
	struct texts hosts;
	int64_t weight;
};
struct all {
	char *listen, *file;
	int64_t workers, price, wait, size;
	int mode;
	bool on;
	struct pairs kafka;
	struct items items;
};

static const char *const modes[] = { "disk", "memory", NULL };
static const struct setting item_table[] = { { .key = "name",
						 .kind = SETTING_TEXT,
						 .fallback = "",
						 .offset = offsetof(
						     struct item, name),
						 .help = "its name" },
	{ .key = "hosts",
	    .kind = SETTING_TEXTS,
	    .fallback = "[a]",
	    .offset = offsetof(struct item, hosts) },
	{ .key = "weight",
	    .kind = SETTING_INT,
	    .fallback = "2",
	    .offset = offsetof(struct item, weight) },
	{ 0 } };
static const struct setting inner_table[] = { { .key = "wait",
						  .kind = SETTING_DURATION,
						  .fallback = "30s",
						  .offset = offsetof(
						      struct all, wait) },
	{ .key = "size",
	    .kind = SETTING_BYTES,
	    .fallback = "64MiB",
	    .offset = offsetof(struct all, size) },
	{ .key = "on",
	    .kind = SETTING_BOOL,
	    .fallback = "true",
	    .offset = offsetof(struct all, on) },
	{ 0 } };
static const struct setting table[] = { { .key = "listen",
					    .kind = SETTING_TEXT,
					    .fallback = ":80",
					    .offset =
						offsetof(struct all, listen) },
	{ .key = "file",
	    .kind = SETTING_FILE,
	    .fallback = "",
	    .offset = offsetof(struct all, file) },
	{ .key = "workers",
	    .kind = SETTING_INT,
	    .fallback = "0",
	    .max = 64,
	    .offset = offsetof(struct all, workers) },
	{ .key = "price",
	    .kind = SETTING_MICROS,
	    .fallback = "0.35",
	    .offset = offsetof(struct all, price) },
	{ .key = "mode",
	    .kind = SETTING_CHOICE,
	    .fallback = "disk",
	    .offset = offsetof(struct all, mode),
	    .choices = modes },
	{ .key = "kafka",
	    .kind = SETTING_PAIRS,
	    .fallback = "",
	    .offset = offsetof(struct all, kafka) },
	{ .key = "spool",
	    .kind = SETTING_GROUP,
	    .offset = 0,
	    .fields = inner_table },
	{ .key = "items",
	    .kind = SETTING_LIST,
	    .fallback = "",
	    .offset = offsetof(struct all, items),
	    .fields = item_table,
	    .size = sizeof(struct item) },
	{ 0 } };

static void
check_address(const char *text)
{
	char host[64];
	uint16_t port;

	if (config_address(text, host, &port))
		assert(strlen(host) < sizeof(host));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(16384);
	struct buf problems = { 0 }, first = { 0 }, second = { 0 };
	struct all all = { 0 };

	if (!config_read("f", str_make((const char *)data, size), table, &all,
		arena, &problems)) {
		assert(problems.len > 3);
		assert(str_starts(buf_str(&problems), STR("f:")));
		assert(problems.data[problems.len - 1] == '\n');
		goto out;
	}
	assert(problems.len == 0);
	check_address(all.listen);
	config_print(table, &all, &first);
	/* Secrets print as stars, which read as stars. */
	assert(
	    config_read("f", buf_str(&first), table, &all, arena, &problems));
	config_print(table, &all, &second);
	assert(str_eq(buf_str(&first), buf_str(&second)));
out:
	buf_free(&problems);
	buf_free(&first);
	buf_free(&second);
	arena_free(arena);
	return 0;
}
