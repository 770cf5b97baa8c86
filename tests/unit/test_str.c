/* Text, numbers in it, growable text, arenas, errors, logs' pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/arena.h"
#include "common/error.h"
#include "common/str.h"

static void
a_trailing_separator_gives_a_last_empty_part(void **state)
{
	struct str rest = STR("a,,b,"), part;

	(void)state;
	assert_true(str_cut(&rest, ',', &part) && str_is(part, "a"));
	assert_true(str_cut(&rest, ',', &part) && part.len == 0);
	assert_true(str_cut(&rest, ',', &part) && str_is(part, "b"));
	assert_true(str_cut(&rest, ',', &part) && part.len == 0);
	assert_false(str_cut(&rest, ',', &part));
}

static void
whole_numbers_keep_to_their_range(void **state)
{
	int64_t v = 7;

	(void)state;
	assert_true(
	    str_int(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &v));
	assert_true(v == INT64_MIN);
	assert_true(
	    str_int(STR("9223372036854775807"), INT64_MIN, INT64_MAX, &v));
	assert_true(v == INT64_MAX);
	assert_false(
	    str_int(STR("9223372036854775808"), INT64_MIN, INT64_MAX, &v));
	assert_false(
	    str_int(STR("-9223372036854775809"), INT64_MIN, INT64_MAX, &v));
	assert_false(str_int(STR(""), INT64_MIN, INT64_MAX, &v));
	assert_false(str_int(STR("-"), INT64_MIN, INT64_MAX, &v));
	assert_false(str_int(STR("+1"), INT64_MIN, INT64_MAX, &v));
	assert_false(str_int(STR(" 1"), INT64_MIN, INT64_MAX, &v));
	assert_false(str_int(STR("1x"), INT64_MIN, INT64_MAX, &v));
	assert_false(str_int(STR("11"), 0, 10, &v));
	assert_true(v == INT64_MAX);
}

static void
money_is_read_exactly_or_not_at_all(void **state)
{
	static const struct {
		const char *text;
		int64_t micros;
	} good[] = { { "0", 0 }, { "12.5", 12500000 }, { "-0.000001", -1 },
		{ "0.1000000", 100000 }, { "007", 7000000 },
		{ "9223372036854.775807", INT64_MAX },
		{ "-9223372036854.775808", INT64_MIN } };
	static const char *const bad[] = { "", "-", ".5", "5.", "1e3", "NaN",
		"Infinity", "1.2.3", "0.0000001", "1,5", "+1", " 1",
		"9223372036854.775808", "99999999999999999999", "0x10", "1_0" };
	int64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(str_micros(str_of(good[i].text), &v));
		assert_true(v == good[i].micros);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(str_micros(str_of(bad[i]), &v));
}

static void
money_is_written_as_it_is_read(void **state)
{
	static const int64_t values[] = { 0, 1, -1, 10, 1000000, -12500000,
		100000, 999999, INT64_MAX, INT64_MIN };
	struct buf b = { NULL, 0, 0 };
	int64_t again;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		b.len = 0;
		buf_add_micros(&b, values[i]);
		assert_true(str_micros(buf_str(&b), &again));
		assert_true(again == values[i]);
	}
	b.len = 0;
	buf_add_micros(&b, -12500000);
	assert_string_equal(buf_text(&b), "-12.5");
	buf_free(&b);
}

static void
utf8_is_what_the_standard_says(void **state)
{
	static const char *const good[] = { "", "plain", "\xc3\xa9",
		"\xe2\x82\xac", "\xf0\x9f\x98\x80",
		"12345678\xc3\xa9"
		"12345678",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80", "\xc0\xaf", "\xc1\xbf",
		"\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\x80",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3",
		"\xe2\x82", "12345678\xe2\x82", "\xc3(" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(str_utf8(str_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(str_utf8(str_of(bad[i])));
}

static void
texts_are_ordered_by_bytes(void **state)
{
	(void)state;
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("a"), STR("aa")) < 0);
	assert_true(str_cmp(STR("\xc3"), STR("z")) > 0);
	assert_true(str_cmp(STR_EMPTY, STR("")) == 0);
	assert_true(str_ieq(STR("GcLid"), STR("gclid")));
	assert_int_equal(str_find(STR("abcabc"), STR("ca")), 2);
	assert_int_equal(str_find(STR("abc"), STR("abcd")), -1);
}

static void
an_error_is_one_line_and_may_be_wrapped(void **state)
{
	struct error err;

	(void)state;
	assert_false(error_set(&err, ERROR_RETRY, "%s", "one\n  two\n\n"));
	assert_string_equal(err.text, "one; two");
	assert_false(error_wrap(&err, "reading %s", "x"));
	assert_string_equal(err.text, "reading x: one; two");
	assert_int_equal(err.kind, ERROR_RETRY);
	for (int i = 0; i < 300; i++)
		error_wrap(&err, "again and again");
	assert_true(strlen(err.text) < ERROR_TEXT_MAX);
}

static void
an_arena_gives_aligned_memory_and_starts_over(void **state)
{
	struct arena *a = arena_new(256);

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 2000; n += 7) {
			char *p = arena_alloc(a, n);

			assert_int_equal((uintptr_t)p % 16, 0);
			memset(p, 0xee, n);
		}
		assert_string_equal(arena_printf(a, "%d-%s", round, "x").data,
		    round == 0   ? "0-x"
		    : round == 1 ? "1-x"
				 : "2-x");
		arena_reset(a);
		assert_int_equal(arena_used(a), 0);
	}
	arena_free(a);
	arena_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trailing_separator_gives_a_last_empty_part),
		cmocka_unit_test(whole_numbers_keep_to_their_range),
		cmocka_unit_test(money_is_read_exactly_or_not_at_all),
		cmocka_unit_test(money_is_written_as_it_is_read),
		cmocka_unit_test(utf8_is_what_the_standard_says),
		cmocka_unit_test(texts_are_ordered_by_bytes),
		cmocka_unit_test(an_error_is_one_line_and_may_be_wrapped),
		cmocka_unit_test(an_arena_gives_aligned_memory_and_starts_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
