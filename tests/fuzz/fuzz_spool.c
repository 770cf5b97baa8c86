/*
 * fuzz_spool.c - opening a directory with any bytes for a segment: never
 * fails, never reads past a buffer, gives records in rising order and is
 * empty when they are confirmed.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collector/spool.h"
#include "common/log.h"

#define NAME "0000000000000001-00000000.seg"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char where[] = "/tmp/fuzz-spool-XXXXXX";

static void
clean_up(void)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/free-" NAME, where);
	unlink(path);
	snprintf(path, sizeof(path), "%s/" NAME, where);
	unlink(path);
	rmdir(where);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool made; /* a name that was made may end in X as well */
	struct spool_settings set = { where, 1 << 26, 1 << 20,
		DURABILITY_DISK };
	struct spool_dir *dir;
	struct spool_record r;
	struct error err;
	struct spool **list;
	char path[80];
	size_t count;
	FILE *f;

	if (!made) {
		log_start("fuzz_spool", LOG_ERROR + 1);
		if (mkdtemp(where) == NULL)
			abort();
		atexit(clean_up);
		made = true;
	}
	snprintf(path, sizeof(path), "%s/" NAME, where);
	f = fopen(path, "w");
	if (f == NULL || fwrite(data, 1, size, f) != size || fclose(f) != 0)
		abort();
	dir = spool_dir_open(&set, &err);
	assert(dir != NULL);
	list = spool_dir_list(dir, &count);
	assert(count <= 1);
	for (uint64_t last = 0; count > 0 && spool_next(list[0], &r);) {
		assert(r.seq > last && r.seq >= spool_floor(list[0]));
		assert(r.key.len + r.value.len <= SPOOL_RECORD_MAX);
		last = r.seq;
		spool_confirm(list[0], r.seq);
		assert(spool_floor(list[0]) == last + 1);
	}
	assert(count == 0 || spool_pending(list[0]) == 0);
	spool_dir_list(dir, &count);
	assert(count == 0);
	spool_dir_close(dir);
	return 0;
}
