/*
 * test_spool.c - the spool against torn files, failing disks and restarts.
 * Writes and syncs go through spool_calls, where a test can make the n-th one
 * fail, halve writes, or forget what was never synced (a power cut).
 */
#include "collector/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <dirent.h>
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

static void
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
static bool
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

static bool
fails(enum call call)
{
	if (fail_call != (int)call || ++calls_made != fail_at)
		return false;
	errno = fail_code;
	return true;
}

static ssize_t
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

static void
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

static int
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

static int
test_fsync(int fd)
{
	(void)fd;
	return fails(CALL_DIR_SYNC) ? -1 : 0;
}

static int
test_fallocate(int fd, int mode, off_t at, off_t len)
{
	(void)mode;
	if (fails(CALL_RESERVE))
		return -1;
	return ftruncate(fd, at + len);
}

static void
fail_nth(enum call call, int64_t n, int code)
{
	calls_made = 0;
	fail_code = code;
	fail_at = n;
	fail_call = (int)call;
}

/* --- helpers ------------------------------------------------------------- */

static int
run(const char *fmt, ...)
{
	char command[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	return system(command);
}

static int
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

static int
teardown(void **state)
{
	(void)state;
	return run("rm -rf %s", root);
}

static struct spool_dir *
open_dir(int64_t max_bytes, struct error *err)
{
	struct spool_settings set = { where, max_bytes, SEGMENT,
		DURABILITY_DISK };

	return spool_dir_open(&set, err);
}

static struct spool_dir *
must_open(void)
{
	struct error err = { 0 };
	struct spool_dir *dir = open_dir(INT64_C(64) << 20, &err);

	if (dir == NULL)
		fail_msg("%s", err.text);
	return dir;
}

static struct spool *
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
static void
text_of(uint64_t n, char *text, size_t len)
{
	snprintf(text, len + 1, "%0*" PRIu64, (int)len, n);
}

static uint64_t
number_of(struct str text)
{
	uint64_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n = n * 10 + (uint64_t)(text.data[i] - '0');
	return n;
}

static uint64_t
append(struct spool *sp, uint64_t n, size_t len)
{
	char *text = malloc(len + 1);
	uint64_t seq;

	text_of(n, text, len);
	seq = spool_append(sp, str_of("key"), str_make(text, len), NULL);
	free(text);
	return seq;
}

static void
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
static size_t
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

static int64_t
files(const char *pattern)
{
	char command[256];
	FILE *f;
	int n = -1;

	snprintf(command, sizeof(command), "ls %s 2>/dev/null | grep -c '%s'",
	    where, pattern);
	f = popen(command, "r");
	assert_int_equal(1, fscanf(f, "%d", &n));
	pclose(f);
	return n;
}

/* The one segment file of the spool directory that is not free. */
static void
segment_path(char path[400])
{
	DIR *d = opendir(where);
	struct dirent *e;

	path[0] = '\0';
	while ((e = readdir(d)) != NULL) {
		if (strlen(e->d_name) == 29)
			snprintf(path, 400, "%s/%s", where, e->d_name);
	}
	closedir(d);
	assert_int_not_equal(path[0], '\0');
}

/* --- tests --------------------------------------------------------------- */

static void
a_synced_record_survives_a_restart(void **state)
{
	struct spool_dir *dir = must_open();
	int seen[11] = { 0 };

	(void)state;
	append_all(must_spool(dir), 10, 300);
	spool_dir_close(dir);
	dir = must_open();
	assert_int_equal(10, read_all(dir, seen, 10, true));
	for (int n = 1; n <= 10; n++)
		assert_int_equal(1, seen[n]);
	spool_dir_close(dir);
	dir = must_open();
	assert_int_equal(0, read_all(dir, seen, 10, true));
	spool_dir_close(dir);
}

static void
records_confirmed_in_any_order_move_the_floor_and_free_segments(void **state)
{
	enum { COUNT = 4000 };
	struct spool_dir *dir = must_open();
	struct spool *sp = must_spool(dir);
	struct spool_record r;
	uint64_t last = 0;

	(void)state;
	append_all(sp, COUNT, 500);
	while (spool_next(sp, &r)) {
		assert_int_equal(r.seq, last + 1);
		last = r.seq;
	}
	assert_int_equal(last, COUNT);
	assert_int_equal(COUNT, spool_pending(sp));
	for (uint64_t seq = COUNT; seq > 1; seq--) {
		spool_confirm(sp, seq);
		assert_int_equal(1, spool_floor(sp));
	}
	spool_confirm(sp, 1);
	spool_confirm(sp, 1);
	assert_int_equal(COUNT + 1, spool_floor(sp));
	assert_int_equal(0, spool_pending(sp));
	spool_dir_gauges(dir, clock_wall_ms());
	assert_int_equal(0, metrics_get(METRIC_SPOOL_PENDING));
	assert_int_equal(0, metrics_get(METRIC_SPOOL_OLDEST));
	/* All but the one being written lie in the pool now. */
	assert_true(files("^free-") >= 7);
	assert_true(files("^[0-9a-f]\\{16\\}-") <= 2);
	spool_dir_close(dir);
}

static void
a_rewound_spool_gives_again_what_is_not_confirmed(void **state)
{
	struct spool_dir *dir = must_open();
	struct spool *sp = must_spool(dir);
	struct spool_record r;

	(void)state;
	append_all(sp, 2000, 500);
	while (spool_next(sp, &r)) {
	}
	for (uint64_t seq = 1; seq <= 2000; seq++) {
		if (seq % 3 != 0)
			spool_confirm(sp, seq);
	}
	assert_int_equal(3, spool_floor(sp));
	spool_rewind(sp, spool_floor(sp));
	for (uint64_t seq = 3; seq <= 2000; seq += 3) {
		assert_true(spool_next(sp, &r));
		assert_int_equal(seq, r.seq);
		assert_int_equal(seq, number_of(r.value));
	}
	assert_false(spool_next(sp, &r));
	spool_again(sp, 300);
	spool_again(sp, 30);
	assert_true(spool_next(sp, &r));
	assert_int_equal(30, r.seq);
	assert_true(spool_next(sp, &r));
	assert_int_equal(300, r.seq);
	assert_false(spool_next(sp, &r));
	assert_int_equal(666, spool_pending(sp));
	spool_dir_close(dir);
}

enum { SMALL = 9, SMALL_LEN = 37 };

/* A directory with one segment of SMALL records; its path and the offsets
 * where they begin, and where the last ends. */
static void
small_spool(char path[400], size_t at[SMALL + 1])
{
	struct spool_dir *dir = must_open();

	append_all(must_spool(dir), SMALL, SMALL_LEN);
	spool_dir_close(dir);
	segment_path(path);
	for (size_t i = 0; i <= SMALL; i++)
		at[i] = i * spool_segment_room(3, SMALL_LEN);
	/* The test only needs the records, not 256 KB of zeros. */
	assert_int_equal(0, truncate(path, (off_t)at[SMALL] + 64));
	assert_int_equal(
	    0, run("rm -f %s/free-*; cp %s %s/whole", where, path, root));
}

static char whole_bytes[4096];
static size_t whole_len;

static void
load_whole(void)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/whole", root);
	f = fopen(path, "r");
	whole_len = fread(whole_bytes, 1, sizeof(whole_bytes), f);
	fclose(f);
}

static void
store(const char *path, const char *bytes, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_int_equal(len, fwrite(bytes, 1, len, f));
	fclose(f);
}

static void
a_file_cut_at_every_byte_of_its_last_records_gives_all_whole_ones(void **state)
{
	size_t at[SMALL + 1];
	char path[400];

	(void)state;
	small_spool(path, at);
	load_whole();
	for (size_t cut = at[SMALL - 3]; cut <= at[SMALL]; cut++) {
		int64_t damaged = metrics_get(METRIC_SPOOL_DAMAGED);
		int seen[SMALL + 1] = { 0 };
		struct spool_dir *dir;
		size_t expected = 0, in;

		store(path, whole_bytes, cut);
		while (expected < SMALL && at[expected] +
						   sizeof(struct spool_header) +
						   3 + SMALL_LEN <=
					       cut)
			expected++;
		dir = must_open();
		assert_int_equal(expected, read_all(dir, seen, SMALL, true));
		for (size_t n = 1; n <= expected; n++)
			assert_int_equal(1, seen[n]);
		/* A torn record is counted once its stamp is there. */
		in = expected < SMALL && cut > at[expected] ? cut - at[expected]
							    : 0;
		assert_int_equal(
		    damaged + (in >= 8), metrics_get(METRIC_SPOOL_DAMAGED));
		spool_dir_close(dir);
	}
}

static void
any_flipped_bit_costs_at_most_its_own_record(void **state)
{
	size_t at[SMALL + 1];
	char path[400];

	(void)state;
	small_spool(path, at);
	load_whole();
	for (size_t which = 0; which < SMALL; which += 4) {
		size_t used = sizeof(struct spool_header) + 3 + SMALL_LEN;

		for (size_t bit = 0; bit < used * 8; bit++) {
			int64_t damaged = metrics_get(METRIC_SPOOL_DAMAGED);
			int seen[SMALL + 1] = { 0 };
			bool stamp = bit / 8 >= 4 && bit / 8 < 8;
			struct spool_dir *dir;

			whole_bytes[at[which] + bit / 8] ^= 1 << bit % 8;
			store(path, whole_bytes, whole_len);
			whole_bytes[at[which] + bit / 8] ^= 1 << bit % 8;
			dir = must_open();
			/* The stamp only helps to find; it carries nothing. */
			assert_int_equal(
			    SMALL - !stamp, read_all(dir, seen, SMALL, true));
			for (size_t n = 1; n <= SMALL; n++)
				assert_int_equal(
				    n - 1 != which || stamp, seen[n]);
			assert_int_equal(damaged + !stamp,
			    metrics_get(METRIC_SPOOL_DAMAGED));
			spool_dir_close(dir);
		}
	}
}

/* Appends 300 records while the Nth CALL fails; every record said to be
 * durable is read exactly once after a restart, no other one. */
static void
check_failure(enum call call, int64_t n, int code)
{
	enum { COUNT = 300, LEN = 3000 };
	static bool acked[COUNT + 1];
	int seen[COUNT + 1] = { 0 }, later[COUNT + 1] = { 0 };
	struct spool_dir *dir = must_open();
	struct spool *sp;
	int64_t give_up;

	memset(acked, 0, sizeof(acked));
	fail_nth(call, n, code);
	sp = must_spool(dir);
	for (uint64_t i = 1; i <= COUNT; i++) {
		uint64_t seq;

		give_up = clock_mono_ms() + PATIENCE_MS;
		while ((seq = append(sp, i, LEN)) == 0)
			assert_true(clock_mono_ms() < give_up);
		spool_flush(sp);
		acked[i] = await(seq);
	}
	read_all(dir, seen, COUNT, false);
	spool_dir_close(dir);
	fail_nth(CALL_NONE, 0, 0);
	dir = must_open();
	read_all(dir, later, COUNT, true);
	spool_dir_close(dir);
	for (int i = 1; i <= COUNT; i++) {
		if (seen[i] != acked[i] || later[i] != acked[i])
			fail_msg("call %d no. %" PRId64 ": record %d acked %d, "
				 "read %d, after restart %d",
			    call, n, i, acked[i], seen[i], later[i]);
	}
	assert_int_equal(0, run("rm -rf %s", where));
}

static void
any_failing_write_refuses_its_group_and_loses_nothing_else(void **state)
{
	(void)state;
	for (int64_t n = 1; n <= 40; n += 3)
		check_failure(CALL_WRITE, n, n % 2 ? EIO : ENOSPC);
}

static void
any_failing_sync_refuses_its_group_and_loses_nothing_else(void **state)
{
	(void)state;
	for (int64_t n = 1; n <= 40; n += 3)
		check_failure(CALL_SYNC, n, EIO);
}

static void
any_failing_reservation_or_directory_sync_loses_nothing(void **state)
{
	(void)state;
	for (int64_t n = 1; n <= 4; n++) {
		check_failure(CALL_RESERVE, n, ENOSPC);
		check_failure(CALL_DIR_SYNC, n, EIO);
	}
}

static void
short_and_interrupted_writes_are_carried_on(void **state)
{
	int seen[1001] = { 0 };
	struct spool_dir *dir = must_open();

	(void)state;
	halve = true;
	append_all(must_spool(dir), 1000, 700);
	spool_dir_close(dir);
	dir = must_open();
	assert_int_equal(1000, read_all(dir, seen, 1000, true));
	spool_dir_close(dir);
}

static void
a_full_spool_refuses_and_takes_again_after_a_release(void **state)
{
	enum { MAX = 8 * SEGMENT, TRIES = 100000 };
	struct error err = { 0 };
	struct spool_dir *dir = open_dir(MAX, &err);
	static int seen[TRIES];
	struct spool *sp = must_spool(dir);
	uint64_t durable = 0, seq;
	int64_t give_up = clock_mono_ms() + PATIENCE_MS;
	int refused = 0;

	(void)state;
	memset(seen, 0, sizeof(seen));
	for (uint64_t n = 1; n < TRIES && refused < 3; n++) {
		seq = append(sp, n, 1000);
		spool_flush(sp);
		if (seq == 0 || !await(seq)) {
			refused++;
			continue;
		}
		durable++;
		assert_true(clock_mono_ms() < give_up);
	}
	assert_int_equal(3, refused);
	assert_true(durable * 1040 > MAX * 3 / 4);
	assert_int_equal(durable, read_all(dir, seen, TRIES, true));
	while ((seq = append(sp, 1, 1000)) == 0)
		assert_true(clock_mono_ms() < give_up);
	spool_flush(sp);
	assert_true(await(seq));
	spool_dir_close(dir);
}

static void
stale_bytes_of_a_recycled_segment_are_never_read(void **state)
{
	enum { COUNT = 3000 };
	static int seen[COUNT + 1];
	struct spool_dir *dir = must_open();
	struct spool *sp = must_spool(dir);
	struct spool_record r;

	(void)state;
	append_all(sp, COUNT, 500);
	assert_int_equal(COUNT, read_all(dir, seen, COUNT, true));
	/* Into recycled files, without any of the old ones being seen. */
	append_all(must_spool(dir), 3, 500);
	memset(seen, 0, sizeof(seen));
	spool_dir_close(dir);
	assert_true(files("^free-") > 0);
	dir = must_open();
	assert_int_equal(3, read_all(dir, seen, COUNT, false));
	spool_dir_close(dir);
	dir = must_open();
	append_all(must_spool(dir), 2, 500);
	spool_dir_close(dir);
	dir = must_open();
	assert_int_equal(5, read_all(dir, seen, COUNT, true));
	sp = must_spool(dir);
	assert_false(spool_next(sp, &r));
	spool_dir_close(dir);
}

/* Takes a copy of the directory as a power cut would leave it now: without
 * all that was not synced. */
static char cut_dir[128];
static int64_t cut_in; /* syncs until it happens */

static void
cut_power(void)
{
	if (cut_in-- != 0)
		return;
	/* Undo, copy, redo: nobody else writes to these files. */
	for (struct undo *u = undo; u != NULL; u = u->next) {
		char *now = malloc(u->len);

		assert_int_equal(u->len, pread(u->fd, now, u->len, u->at));
		assert_int_equal(u->len, pwrite(u->fd, u->old, u->len, u->at));
		memcpy(u->old, now, u->len);
		free(now);
	}
	assert_int_equal(0, run("cp -r %s %s", where, cut_dir));
	for (struct undo *u = undo; u != NULL; u = u->next)
		assert_int_equal(u->len, pwrite(u->fd, u->old, u->len, u->at));
}

static void
a_power_cut_loses_nothing_that_was_called_durable(void **state)
{
	enum { COUNT = 60 };

	(void)state;
	for (int64_t n = 0; n < 20; n += 4) {
		int seen[COUNT + 1] = { 0 };
		uint64_t durable_then = 0;
		struct spool_dir *dir;
		struct spool *sp;

		snprintf(cut_dir, sizeof(cut_dir), "%s/cut", root);
		keep_undo = true;
		cut_in = n;
		before_sync = cut_power;
		dir = must_open();
		sp = must_spool(dir);
		for (uint64_t i = 1; i <= COUNT; i++) {
			uint64_t seq = append(sp, i, 9000);

			spool_flush(sp);
			assert_true(await(seq));
			if (access(cut_dir, F_OK) != 0)
				durable_then = i;
		}
		spool_dir_close(dir);
		keep_undo = false;
		before_sync = NULL;
		run("rm -rf %s; mv %s %s", where, cut_dir, where);
		dir = must_open();
		read_all(dir, seen, COUNT, true);
		for (uint64_t i = 1; i <= durable_then; i++)
			assert_int_equal(1, seen[i]);
		spool_dir_close(dir);
		run("rm -rf %s", where);
	}
}

static void
two_spools_share_a_directory_without_mixing(void **state)
{
	struct spool_dir *dir = must_open();
	struct spool *a = must_spool(dir), *b;
	int seen[501] = { 0 };

	(void)state;
	append_all(a, 500, 800);
	b = must_spool(dir);
	append_all(b, 500, 800);
	assert_true(spool_id(a) != spool_id(b));
	assert_int_equal(1000, read_all(dir, seen, 500, false));
	spool_dir_close(dir);
	memset(seen, 0, sizeof(seen));
	dir = must_open();
	assert_int_equal(1000, read_all(dir, seen, 500, true));
	for (int n = 1; n <= 500; n++)
		assert_int_equal(2, seen[n]);
	spool_dir_close(dir);
}

static void
a_second_process_is_refused_by_name(void **state)
{
	struct spool_dir *dir = must_open();
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		struct error err = { 0 };

		if (open_dir(1 << 26, &err) != NULL)
			_exit(1);
		_exit(strstr(err.text, where) != NULL &&
			      strstr(err.text, "another process") != NULL
			  ? 0
			  : 2);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(0, status);
	append_all(must_spool(dir), 3, 100);
	spool_dir_close(dir);
}

static void
an_unusable_directory_is_refused_with_a_sentence(void **state)
{
	struct error err = { 0 };
	char kept[128];

	(void)state;
	strcpy(kept, where);
	snprintf(where, sizeof(where), "%s/no/such", root);
	assert_null(open_dir(1 << 26, &err));
	assert_non_null(strstr(err.text, where));
	assert_non_null(strstr(err.text, "parent directory does not exist"));
	snprintf(where, sizeof(where), "%s/file", root);
	store(where, "x", 1);
	assert_null(open_dir(1 << 26, &err));
	assert_non_null(strstr(err.text, "not a directory"));
	snprintf(where, sizeof(where), "%s/other", root);
	assert_int_equal(0, mkdir(where, 0755));
	if (geteuid() == 0) {
		assert_int_equal(0, chown(where, 12345, 12345));
		assert_null(open_dir(1 << 26, &err));
		assert_non_null(strstr(err.text, "belongs to user 12345"));
	}
	strcpy(where, kept);
}

static void
a_record_too_long_is_rejected_and_the_longest_is_kept(void **state)
{
	struct spool_dir *dir = must_open();
	struct spool *sp = must_spool(dir);
	char *text = calloc(1, SPOOL_RECORD_MAX + 1);
	struct spool_record r;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(0, spool_append(sp, str_of("k"),
				str_make(text, SPOOL_RECORD_MAX), &err));
	assert_int_equal(ERROR_REJECT, err.kind);
	for (int i = 1; i <= 10; i++)
		assert_int_equal(
		    i, spool_append(sp, str_of("k"),
			   str_make(text, SPOOL_RECORD_MAX - 1), &err));
	spool_flush(sp);
	assert_true(await(10));
	for (int i = 1; i <= 10; i++) {
		assert_true(spool_next(sp, &r));
		assert_int_equal(SPOOL_RECORD_MAX - 1, r.value.len);
	}
	free(text);
	spool_dir_close(dir);
}

/* A reader beside the appends: it sees each durable record once, in order. */
struct reader {
	struct spool *sp;
	uint64_t count;
	bool ok;
};

static void *
read_beside(void *arg)
{
	struct reader *r = arg;
	int64_t give_up = clock_mono_ms() + 3 * PATIENCE_MS;
	struct spool_record record;
	uint64_t last = 0;

	r->ok = true;
	while (last < r->count && clock_mono_ms() < give_up) {
		if (!spool_next(r->sp, &record)) {
			sched_yield();
			continue;
		}
		if (record.seq != last + 1 ||
		    number_of(record.value) != record.seq)
			r->ok = false;
		last = record.seq;
		spool_confirm(r->sp, record.seq);
	}
	r->ok = r->ok && last == r->count;
	return NULL;
}

static void
a_reader_beside_the_worker_gets_each_record_once_in_order(void **state)
{
	struct spool_dir *dir = must_open();
	struct reader r = { must_spool(dir), 20000, false };
	pthread_t thread;

	(void)state;
	assert_int_equal(0, pthread_create(&thread, NULL, read_beside, &r));
	append_all(r.sp, r.count, 400);
	pthread_join(thread, NULL);
	assert_true(r.ok);
	assert_int_equal(r.count + 1, spool_floor(r.sp));
	spool_dir_close(dir);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_synced_record_survives_a_restart),
		TEST(
		    records_confirmed_in_any_order_move_the_floor_and_free_segments),
		TEST(a_rewound_spool_gives_again_what_is_not_confirmed),
		TEST(
		    a_file_cut_at_every_byte_of_its_last_records_gives_all_whole_ones),
		TEST(any_flipped_bit_costs_at_most_its_own_record),
		TEST(
		    any_failing_write_refuses_its_group_and_loses_nothing_else),
		TEST(any_failing_sync_refuses_its_group_and_loses_nothing_else),
		TEST(any_failing_reservation_or_directory_sync_loses_nothing),
		TEST(short_and_interrupted_writes_are_carried_on),
		TEST(a_full_spool_refuses_and_takes_again_after_a_release),
		TEST(stale_bytes_of_a_recycled_segment_are_never_read),
		TEST(a_power_cut_loses_nothing_that_was_called_durable),
		TEST(two_spools_share_a_directory_without_mixing),
		TEST(a_second_process_is_refused_by_name),
		TEST(an_unusable_directory_is_refused_with_a_sentence),
		TEST(a_record_too_long_is_rejected_and_the_longest_is_kept),
		TEST(a_reader_beside_the_worker_gets_each_record_once_in_order),
	};

	log_start("test_spool", LOG_ERROR + 1);
	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
