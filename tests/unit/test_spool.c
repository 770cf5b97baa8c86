/*
 * test_spool.c - what a spool promises on a sound disk: order, restarts,
 * recycled segments, its bounds, and who may use a directory.
 */
#include "tests/unit/spool_harness.h"

#include <sched.h>
#include <sys/wait.h>

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
	assert_true(files("^free-") > 0);
	spool_dir_close(dir);
	/* What Kafka has goes from the disk with the process. */
	assert_int_equal(0, files("^free-"));
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

static struct spool *watched;
static _Atomic bool was_syncing;

static void
watch_sync(void)
{
	if (spool_syncing(watched))
		was_syncing = true;
}

static void
a_group_is_under_way_until_its_verdict(void **state)
{
	struct error err = { 0 };
	struct spool_dir *dir = open_dir(64 * SEGMENT, &err);
	struct spool *sp = must_spool(dir);
	uint64_t seq;

	(void)state;
	assert_false(spool_syncing(sp));
	watched = sp;
	seq = append(sp, 1, 100);
	before_sync = watch_sync;
	spool_flush(sp);
	assert_true(await(seq));
	assert_true(was_syncing);
	/* Free before the call: whoever it wakes may flush at once. */
	assert_false(spool_syncing(sp));
	before_sync = NULL;
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
	const struct CMUnitTest tests[] = {
		TEST(a_synced_record_survives_a_restart),
		TEST(
		    records_confirmed_in_any_order_move_the_floor_and_free_segments),
		TEST(a_rewound_spool_gives_again_what_is_not_confirmed),
		TEST(a_full_spool_refuses_and_takes_again_after_a_release),
		TEST(stale_bytes_of_a_recycled_segment_are_never_read),
		TEST(two_spools_share_a_directory_without_mixing),
		TEST(a_second_process_is_refused_by_name),
		TEST(an_unusable_directory_is_refused_with_a_sentence),
		TEST(a_record_too_long_is_rejected_and_the_longest_is_kept),
		TEST(a_group_is_under_way_until_its_verdict),
		TEST(a_reader_beside_the_worker_gets_each_record_once_in_order),
	};

	log_start("test_spool", LOG_ERROR + 1);
	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
