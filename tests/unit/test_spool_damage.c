/*
 * test_spool_damage.c - the spool against torn files, flipped bits, failing
 * disks and power cuts.
 */
#include "tests/unit/spool_harness.h"

#include <dirent.h>

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
	int64_t held = metrics_get(METRIC_SPOOL_APPENDED) -
		       metrics_get(METRIC_SPOOL_UNWRITTEN);

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
		held += acked[i];
	}
	/* The counters tell how many the spool was left with. */
	assert_int_equal(held, metrics_get(METRIC_SPOOL_APPENDED) -
				   metrics_get(METRIC_SPOOL_UNWRITTEN));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    a_file_cut_at_every_byte_of_its_last_records_gives_all_whole_ones),
		TEST(any_flipped_bit_costs_at_most_its_own_record),
		TEST(
		    any_failing_write_refuses_its_group_and_loses_nothing_else),
		TEST(any_failing_sync_refuses_its_group_and_loses_nothing_else),
		TEST(any_failing_reservation_or_directory_sync_loses_nothing),
		TEST(short_and_interrupted_writes_are_carried_on),
		TEST(a_power_cut_loses_nothing_that_was_called_durable),
	};

	log_start("test_spool_damage", LOG_ERROR + 1);
	return cmocka_run_group_tests_name("spool_damage", tests, NULL, NULL);
}
