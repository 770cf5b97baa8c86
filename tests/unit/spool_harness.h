/*
 * spool_harness.h - a spool on a disk that fails on demand, for the tests of
 * collector/spool.h. Writes and syncs go through spool_calls, where a test
 * can make the n-th one fail, halve writes, or forget what was never synced
 * (a power cut).
 */
#ifndef TESTS_UNIT_SPOOL_HARNESS_H
#define TESTS_UNIT_SPOOL_HARNESS_H

#include "collector/spool.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "collector/spool_segment.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"

#define SEGMENT SPOOL_SEGMENT_MIN
#define PATIENCE_MS 20000

static char root[64];   /* of this test */
static char where[128]; /* the spool directory */

/* What the last callbacks said. */
struct outcome {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t good;
	int failures, calls;
};
static struct outcome outcome = { PTHREAD_MUTEX_INITIALIZER,
	PTHREAD_COND_INITIALIZER, 0, 0, 0 };

static inline void
synced(void *ctx, uint64_t seq, bool ok)
{
	struct outcome *o = ctx;

	pthread_mutex_lock(&o->lock);
	o->good = seq;
	o->calls++;
	if (!ok)
		o->failures++;
	pthread_cond_signal(&o->changed);
	pthread_mutex_unlock(&o->lock);
}

/* Waits until SEQ is durable or a failure was told. True when durable. */
static inline bool
await(uint64_t seq)
{
	struct timespec until;
	bool good;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_MS / 1000;
	pthread_mutex_lock(&outcome.lock);
	while (outcome.good < seq && outcome.failures == 0)
		assert_int_equal(0, pthread_cond_timedwait(&outcome.changed,
					&outcome.lock, &until));
	good = outcome.good >= seq;
	outcome.failures = 0;
	pthread_mutex_unlock(&outcome.lock);
	return good;
}

/* --- a disk that fails --------------------------------------------------- */

enum call { CALL_NONE, CALL_WRITE, CALL_SYNC, CALL_DIR_SYNC, CALL_RESERVE };
static _Atomic int fail_call, fail_code;
static _Atomic int64_t fail_at; /* which of them; later ones pass */
static _Atomic bool halve;
static _Atomic int64_t calls_made;

/* Bytes as they were before writes nobody has synced. */
struct undo {
	struct undo *next;
	int fd;
	off_t at;
	size_t len;
	char old[];
};
static struct undo *undo;
static bool keep_undo;
static void (*before_sync)(void);

static inline bool
fails(enum call call)
{
	if (fail_call != (int)call || ++calls_made != fail_at)
		return false;
	errno = fail_code;
	return true;
}

static inline ssize_t
test_pwrite(int fd, const void *data, size_t len, off_t at)
{
	if (fails(CALL_WRITE))
		return -1;
	if (halve && len > 1) {
		len /= 2;
		if (calls_made++ % 3 == 0) {
			errno = EINTR;
			return -1;
		}
	}
	if (keep_undo) {
		struct undo *u = calloc(1, sizeof(*u) + len);

		u->next = undo;
		u->fd = fd;
		u->at = at;
		u->len = len;
		assert_int_equal(len, pread(fd, u->old, len, at));
		undo = u;
	}
	return pwrite(fd, data, len, at);
}

static inline void
forget_undo(int fd)
{
	for (struct undo **at = &undo; *at != NULL;) {
		struct undo *u = *at;

		if (u->fd != fd) {
			at = &u->next;
			continue;
		}
		*at = u->next;
		free(u);
	}
}

static inline int
test_fdatasync(int fd)
{
	if (fails(CALL_SYNC))
		return -1;
	if (before_sync != NULL)
		before_sync();
	if (keep_undo)
		forget_undo(fd);
	return 0;
}

static inline int
test_fsync(int fd)
{
	(void)fd;
	return fails(CALL_DIR_SYNC) ? -1 : 0;
}

static inline int
test_fallocate(int fd, int mode, off_t at, off_t len)
{
	(void)mode;
	if (fails(CALL_RESERVE))
		return -1;
	return ftruncate(fd, at + len);
}

static inline void
fail_nth(enum call call, int64_t n, int code)
{
	calls_made = 0;
	fail_code = code;
	fail_at = n;
	fail_call = (int)call;
}

/* --- helpers ------------------------------------------------------------- */

static inline int
run(const char *fmt, ...)
{
	char command[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	return system(command);
}

static inline int
setup(void **state)
{
	(void)state;
	strcpy(root, "/tmp/test-spool-XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	snprintf(where, sizeof(where), "%s/spool", root);
	spool_calls = (struct spool_calls){ test_pwrite, test_fdatasync,
		test_fsync, test_fallocate };
	fail_nth(CALL_NONE, 0, 0);
	halve = false;
	keep_undo = false;
	before_sync = NULL;
	outcome.good = 0;
	outcome.failures = 0;
	outcome.calls = 0;
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	return run("rm -rf %s", root);
}

static inline struct spool_dir *
open_dir(int64_t max_bytes, struct error *err)
{
	struct spool_settings set = { where, max_bytes, SEGMENT,
		DURABILITY_DISK };

	return spool_dir_open(&set, err);
}

static inline struct spool_dir *
must_open(void)
{
	struct error err = { 0 };
	struct spool_dir *dir = open_dir(INT64_C(64) << 20, &err);

	if (dir == NULL)
		fail_msg("%s", err.text);
	return dir;
}

static inline struct spool *
must_spool(struct spool_dir *dir)
{
	struct error err;
	struct spool *sp;

	pthread_mutex_lock(&outcome.lock);
	outcome.good = 0;
	pthread_mutex_unlock(&outcome.lock);
	sp = spool_open(dir, synced, &outcome, &err);
	if (sp == NULL)
		fail_msg("%s", err.text);
	return sp;
}

/* Record N says its number and is LEN bytes long. */
static inline void
text_of(uint64_t n, char *text, size_t len)
{
	snprintf(text, len + 1, "%0*" PRIu64, (int)len, n);
}

static inline uint64_t
number_of(struct str text)
{
	uint64_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n = n * 10 + (uint64_t)(text.data[i] - '0');
	return n;
}

static inline uint64_t
append(struct spool *sp, uint64_t n, size_t len)
{
	char *text = malloc(len + 1);
	uint64_t seq;

	text_of(n, text, len);
	seq = spool_append(sp, str_of("key"), str_make(text, len), NULL);
	free(text);
	return seq;
}

static inline void
append_all(struct spool *sp, uint64_t count, size_t len)
{
	uint64_t seq = 0;

	for (uint64_t n = 1; n <= count; n++) {
		seq = append(sp, n, len);
		assert_int_not_equal(seq, 0);
		if (n % 100 == 0) {
			spool_flush(sp);
			assert_true(await(seq));
		}
	}
	spool_flush(sp);
	assert_true(await(seq));
}

/* Reads what is there, confirms it if asked to; SEEN[n] counts record n. */
static inline size_t
read_all(struct spool_dir *dir, int *seen, size_t max, bool confirm)
{
	struct spool_record r;
	size_t count, records = 0;
	struct spool **list = spool_dir_list(dir, &count);

	for (size_t i = 0; i < count; i++) {
		while (spool_next(list[i], &r)) {
			uint64_t n = number_of(r.value);

			assert_true(str_is(r.key, "key"));
			assert_true(n <= max);
			seen[n]++;
			records++;
			if (confirm)
				spool_confirm(list[i], r.seq);
		}
	}
	return records;
}

static inline void
store(const char *path, const char *bytes, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_int_equal(len, fwrite(bytes, 1, len, f));
	fclose(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
