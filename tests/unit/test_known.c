/*
 * What the intake remembers of visits: whole, or it says so; and new only
 * what cannot be in the table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/store/known.h"

#define HOUR INT64_C(3600000)
#define START (INT64_C(488000) * HOUR)

static struct visit_key
key(uint64_t n)
{
	return (struct visit_key){ { n * 7919, n }, (int64_t)n };
}

static struct candidate
touch(int64_t signature, int64_t ts_ms, int64_t start_ms)
{
	return (struct candidate){ .signature = signature,
		.ts_ms = ts_ms,
		.start_ms = start_ms,
		.dim = 7 + (int32_t)signature * (signature < 0 ? -3 : 3),
		.in_visit = signature != 2 };
}

static enum known_answer
ask(const struct known *k, uint64_t n, int64_t start_ms)
{
	struct candidate at[KNOWN_MOST];
	struct visit_key visit = key(n);
	size_t count;

	return known_find(k, &visit, start_ms, at, &count);
}

static void
put(struct known *k, uint64_t n, int64_t ms)
{
	struct candidate c = touch(0, ms, ms);
	struct visit_key visit = key(n);

	known_put(k, &visit, &c, 1);
}

static void
candidates_come_back_whole(void **state)
{
	struct known *k = known_new(1000);
	struct candidate in[3] = { touch(0, START, START),
		touch(-5, START + 1, START - HOUR),
		touch(2, START + HOUR, START + HOUR) };
	struct candidate out[KNOWN_MOST];
	struct visit_key visit = key(1);
	size_t count;

	(void)state;
	known_put(k, &visit, in, 1);
	known_put(k, &visit, in, 3);
	assert_int_equal(
	    known_find(k, &visit, START, out, &count), KNOWN_WHOLE);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(visit_origin(out[i].signature),
		    visit_origin(in[i].signature));
		assert_int_equal(out[i].ts_ms, in[i].ts_ms);
		assert_int_equal(out[i].start_ms, in[i].start_ms);
		assert_int_equal(out[i].dim, in[i].dim);
		assert_int_equal(out[i].in_visit, in[i].in_visit);
	}
	known_free(k);
}

static void
what_does_not_fit_is_asked_for(void **state)
{
	struct known *k = known_new(1000);
	struct candidate many[KNOWN_MOST + 1];
	struct candidate tie[2] = { touch(1, START, START),
		touch(3, START, START) };
	struct candidate old = touch(1, START, START - INT64_C(9000) * HOUR);
	struct visit_key visit = key(1);

	(void)state;
	for (int i = 0; i <= KNOWN_MOST; i++)
		many[i] = touch(i + 1, START + i, START);
	known_put(k, &visit, many, KNOWN_MOST + 1);
	assert_int_equal(ask(k, 1, START), KNOWN_UNKNOWN);
	visit = key(2);
	known_put(k, &visit, tie, 2);
	assert_int_equal(ask(k, 2, START), KNOWN_UNKNOWN);
	visit = key(3);
	known_put(k, &visit, &old, 1);
	assert_int_equal(ask(k, 3, START), KNOWN_UNKNOWN);
	known_free(k);
}

static void
only_what_begins_later_is_new(void **state)
{
	struct known *k = known_new(1000);

	(void)state;
	/* Nothing is known of the table yet. */
	assert_int_equal(ask(k, 9, START + HOUR), KNOWN_UNKNOWN);
	put(k, 1, START);
	assert_int_equal(ask(k, 9, START + HOUR), KNOWN_UNKNOWN);
	known_settle(k);
	assert_int_equal(ask(k, 9, START + 1), KNOWN_NEW);
	assert_int_equal(ask(k, 9, START), KNOWN_UNKNOWN);
	assert_int_equal(ask(k, 1, START + HOUR), KNOWN_WHOLE);
	known_forget(k);
	assert_int_equal(ask(k, 1, START), KNOWN_UNKNOWN);
	assert_int_equal(ask(k, 9, START + HOUR), KNOWN_UNKNOWN);
	known_free(k);
}

/* Whatever was put is never new, be it remembered or forgotten. */
static void
the_forgotten_is_never_new(void **state)
{
	enum { MOST = 500, VISITS = 20000 };
	struct known *k = known_new(MOST);
	size_t touches, whole = 0;

	(void)state;
	for (uint64_t n = 1; n <= VISITS; n++) {
		/* Time goes on, with some that are late. */
		put(k, n, START + (int64_t)(n % 7 == 0 ? n / 2 : n));
		known_settle(k);
		assert_int_equal(
		    ask(k, VISITS + n, START + VISITS + 1), KNOWN_NEW);
	}
	for (uint64_t n = 1; n <= VISITS; n++) {
		enum known_answer a =
		    ask(k, n, START + (int64_t)(n % 7 == 0 ? n / 2 : n));

		assert_int_not_equal(a, KNOWN_NEW);
		whole += a == KNOWN_WHOLE;
	}
	assert_true(whole >= MOST);
	assert_true(whole <= 2 * MOST);
	assert_true(known_bytes(k, &touches) <= 4 * MOST * 64);
	assert_int_equal(touches, whole);
	known_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(candidates_come_back_whole),
		cmocka_unit_test(what_does_not_fit_is_asked_for),
		cmocka_unit_test(only_what_begins_later_is_new),
		cmocka_unit_test(the_forgotten_is_never_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
