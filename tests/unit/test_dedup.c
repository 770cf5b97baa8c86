/* Exactly once: the floor rule and its stored form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "aggregator/intake/dedup.h"

#define SPOOL UINT64_C(0xfeedfacecafebeef)

static void
a_record_counts_once(void **state)
{
	struct dedup *d = dedup_new();

	(void)state;
	assert_int_equal(dedup_see(d, SPOOL, 5, 1, 0), DEDUP_FRESH);
	assert_int_equal(dedup_see(d, SPOOL, 5, 1, 0), DEDUP_REPEAT);
	assert_int_equal(dedup_see(d, SPOOL, 3, 1, 0), DEDUP_FRESH);
	assert_int_equal(dedup_see(d, SPOOL + 1, 5, 1, 0), DEDUP_FRESH);
	dedup_free(d);
}

static void
below_the_floor_everything_is_a_repeat(void **state)
{
	struct dedup *d = dedup_new();

	(void)state;
	assert_int_equal(dedup_see(d, SPOOL, 1000, 900, 0), DEDUP_FRESH);
	assert_int_equal(dedup_see(d, SPOOL, 899, 1, 0), DEDUP_REPEAT);
	assert_int_equal(dedup_see(d, SPOOL, 900, 1, 0), DEDUP_FRESH);
	assert_int_equal(dedup_see(d, SPOOL, 900, 900, 0), DEDUP_REPEAT);
	dedup_free(d);
}

static void
absurd_places_are_told_apart(void **state)
{
	struct dedup *d = dedup_new();

	(void)state;
	assert_int_equal(dedup_see(d, SPOOL, 0, 0, 0), DEDUP_ABSURD);
	assert_int_equal(dedup_see(d, SPOOL, 5, 6, 0), DEDUP_ABSURD);
	assert_int_equal(
	    dedup_see(d, SPOOL, UINT64_C(1) << 40, 1, 0), DEDUP_ABSURD);
	/* and do no harm */
	assert_int_equal(dedup_see(d, SPOOL, 5, 1, 0), DEDUP_FRESH);
	dedup_free(d);
}

/* A model with a plain array of flags is the oracle; at random the state is
 * stored and read again, as over a restart. */
static void
random_resends_over_restarts_count_once(void **state)
{
	enum { N = 20000 };
	static unsigned char seen[2][N + 1];
	struct dedup *d = dedup_new();
	struct error err;

	(void)state;
	srand(7);
	for (int i = 0; i < 200000; i++) {
		int spool = rand() & 1;
		int middle = 1 + i / 11;
		int seq = middle + rand() % 600 - 300;
		int floor = seq - rand() % 300;
		bool fresh;

		if (seq < 1 || seq > N)
			continue;
		/* A floor promises that all below it were there. */
		if (floor < 1)
			floor = 1;
		for (int s = 1; s < floor; s++) {
			if (!seen[spool][s]) {
				floor = s;
				break;
			}
		}
		fresh = dedup_see(d, SPOOL + (uint64_t)spool, (uint64_t)seq,
			    (uint64_t)floor, i) == DEDUP_FRESH;
		assert_int_equal(fresh, !seen[spool][seq]);
		seen[spool][seq] = 1;
		if (rand() % 1000 == 0) {
			struct buf stored = { NULL, 0, 0 };

			dedup_save(d, &stored);
			dedup_free(d);
			d = dedup_new();
			assert_true(dedup_load(d, buf_str(&stored), &err));
			buf_free(&stored);
		}
	}
	dedup_free(d);
}

static void
a_damaged_state_is_refused(void **state)
{
	struct dedup *d = dedup_new();
	struct buf stored = { NULL, 0, 0 };
	struct error err;

	(void)state;
	assert_int_equal(dedup_see(d, SPOOL, 70, 1, 0), DEDUP_FRESH);
	dedup_save(d, &stored);
	for (size_t cut = 1; cut < stored.len; cut++) {
		if (cut == 8) /* the version alone: no spools */
			continue;
		assert_false(
		    dedup_load(d, str_head(buf_str(&stored), cut), &err));
	}
	assert_true(dedup_load(d, STR_EMPTY, &err));
	assert_int_equal(dedup_see(d, SPOOL, 70, 1, 0), DEDUP_FRESH);
	buf_free(&stored);
	dedup_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_counts_once),
		cmocka_unit_test(below_the_floor_everything_is_a_repeat),
		cmocka_unit_test(absurd_places_are_told_apart),
		cmocka_unit_test(random_resends_over_restarts_count_once),
		cmocka_unit_test(a_damaged_state_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
