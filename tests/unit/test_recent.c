/*
 * test_recent.c - the last hits, newest first, and never more of a text than
 * was asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "collector/recent.h"

static void
add(struct recent *list, int64_t time_ms)
{
	struct recent_hit *hit = recent_begin(list);

	hit->time_ms = time_ms;
	assert_string_equal(hit->reason, "");
	recent_text(hit->reason, sizeof(hit->reason), STR("why"));
	recent_end(list);
}

static void
the_last_ones_come_newest_first(void **state)
{
	static struct recent_hit out[RECENT_COUNT];
	struct recent *list = recent_new();

	(void)state;
	assert_int_equal(recent_read(list, out), 0);
	for (int i = 1; i <= 3; i++) {
		add(list, i);
	}
	assert_int_equal(recent_read(list, out), 3);
	assert_int_equal(out[0].time_ms, 3);
	assert_int_equal(out[2].time_ms, 1);
	for (int i = 4; i <= 3 * RECENT_COUNT; i++) {
		add(list, i);
	}
	assert_int_equal(recent_read(list, out), RECENT_COUNT);
	assert_int_equal(out[0].time_ms, 3 * RECENT_COUNT);
	assert_int_equal(out[RECENT_COUNT - 1].time_ms, 2 * RECENT_COUNT + 1);
	recent_free(list);
}

static void
a_text_is_cut_between_characters(void **state)
{
	char out[9];

	(void)state;
	recent_text(out, sizeof(out), STR("12345678"));
	assert_string_equal(out, "12345678");
	recent_text(out, sizeof(out), STR("123456789"));
	assert_string_equal(out, "12345678");
	recent_text(out, sizeof(out), STR("1234567\xc3\xa9"));
	assert_string_equal(out, "1234567");
	recent_text(out, sizeof(out), STR("123456\xc3\xa9x"));
	assert_string_equal(out, "123456\xc3\xa9");
	recent_text(out, sizeof(out), STR_EMPTY);
	assert_string_equal(out, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_ones_come_newest_first),
		cmocka_unit_test(a_text_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
