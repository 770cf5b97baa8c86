/*
 * test_pulse.c - threads that work, rest and hang.
 */
#include "common/pulse.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "common/clock.h"

static void
who_has_not_begun_is_not_asked_after(void **state)
{
	char name[PULSE_NAME_MAX];

	(void)state;
	pulse_turn();
	pulse_rest();
	pulse_end();
	assert_false(pulse_stuck(clock_mono_ms() + 100000, 1, name));
}

static void
who_works_must_come_round_and_who_rests_need_not(void **state)
{
	char name[PULSE_NAME_MAX];
	int64_t begin = clock_mono_ms();

	(void)state;
	pulse_begin("a name of more than fifteen bytes");
	assert_false(pulse_stuck(begin + 1000, 1000, name));
	assert_true(pulse_stuck(clock_mono_ms() + 1001, 1000, name));
	assert_string_equal(name, "a name of more ");
	pulse_rest();
	assert_false(pulse_stuck(clock_mono_ms() + 1001, 1000, name));
	pulse_turn();
	assert_true(pulse_stuck(clock_mono_ms() + 1001, 1000, name));
	pulse_end();
	assert_false(pulse_stuck(clock_mono_ms() + 1001, 1000, name));
}

static void *
begin_and_rest(void *arg)
{
	pulse_begin(arg);
	pulse_rest();
	return NULL;
}

static void *
begin_and_hang(void *arg)
{
	pulse_begin(arg);
	return NULL;
}

static void
one_that_hangs_is_found_among_others(void **state)
{
	char name[PULSE_NAME_MAX];
	char hangs[] = "hangs", rests[] = "rests";
	pthread_t thread;

	(void)state;
	pthread_create(&thread, NULL, begin_and_hang, hangs);
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, begin_and_rest, rests);
	pthread_join(thread, NULL);
	pulse_begin("works");
	assert_false(pulse_stuck(clock_mono_ms() + 500, 1000, name));
	pulse_rest();
	assert_true(pulse_stuck(clock_mono_ms() + 1001, 1000, name));
	assert_string_equal(name, "hangs");
	pulse_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_not_begun_is_not_asked_after),
		cmocka_unit_test(
		    who_works_must_come_round_and_who_rests_need_not),
		cmocka_unit_test(one_that_hangs_is_found_among_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
