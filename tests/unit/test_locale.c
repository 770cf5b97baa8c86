/* test_locale.c - numbers and dates of the exports' countries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "aggregator/platforms/locale.h"
#include "common/calendar.h"

#define NONE INT64_MIN

static int64_t
money(enum locale l, const char *text)
{
	int64_t micros;

	return locale_micros(l, str_of(text), &micros) ? micros : NONE;
}

static int64_t
count(enum locale l, const char *text)
{
	int64_t n;

	return locale_count(l, str_of(text), &n) ? n : NONE;
}

static const char *
day(enum locale l, const char *text)
{
	static char out[11];
	int32_t d;

	if (!locale_day(l, str_of(text), &d))
		return "none";
	calendar_format_day(d, out);
	return out;
}

static void
thousands_and_decimals_follow_the_locale(void **state)
{
	(void)state;
	assert_int_equal(money(LOCALE_EN, "1,234.56"), 1234560000);
	assert_int_equal(money(LOCALE_EN, "12,34,567.5"), 1234567500000);
	assert_int_equal(money(LOCALE_DE, "1.234,56"), 1234560000);
	assert_int_equal(money(LOCALE_DE, "1234,56"), 1234560000);
	assert_int_equal(money(LOCALE_FR, "1\xe2\x80\xaf"
					  "234,56"),
	    1234560000);
	assert_int_equal(money(LOCALE_FR, "1\xc2\xa0"
					  "234,56"),
	    1234560000);
	assert_int_equal(money(LOCALE_PT, "1 234,56"), 1234560000);
	assert_int_equal(money(LOCALE_NL, "0,000001"), 1);
	assert_int_equal(money(LOCALE_IT, "1.234.567"), 1234567000000);
}

static void
a_number_of_another_locale_is_refused(void **state)
{
	static const char *const wrong[] = { "1,50", "1,5", "1.234,56",
		"1,2345.6", ",5", "1,,000", "1,234,", "1234,567.0", "12,34,56",
		"1,234,56,789", "1 234", "1.2.3", "1e3", "nan", "0x10", "1.",
		".5", "--1", "(-1)", "1%", "+1" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (money(LOCALE_EN, wrong[i]) != NONE)
			fail_msg("%s was taken", wrong[i]);
	}
	assert_int_equal(money(LOCALE_DE, "12.5"), NONE);
	assert_int_equal(money(LOCALE_DE, "1,234.56"), NONE);
	assert_int_equal(money(LOCALE_FR, "1.234,56"), NONE);
	assert_int_equal(money(LOCALE_ES, "1.234 567"), NONE);
	assert_int_equal(money(LOCALE_EN, "0.0000001"), NONE);
	assert_int_equal(money(LOCALE_EN, "9,999,999,999,999.999999"), NONE);
}

static void
signs_of_currencies_and_minus_are_read(void **state)
{
	(void)state;
	assert_int_equal(money(LOCALE_EN, "$1,234.50"), 1234500000);
	assert_int_equal(money(LOCALE_EN, "-US$12"), -12000000);
	assert_int_equal(money(LOCALE_EN, "EUR -12"), -12000000);
	assert_int_equal(money(LOCALE_EN, "($0.50)"), -500000);
	assert_int_equal(money(LOCALE_EN, "\xe2\x88\x92"
					  "3"),
	    -3000000);
	assert_int_equal(
	    money(LOCALE_DE, "12,50\xc2\xa0\xe2\x82\xac"), 12500000);
	assert_int_equal(money(LOCALE_DE, " 12,50 EUR "), 12500000);
	assert_int_equal(money(LOCALE_EN, "$"), NONE);
	assert_int_equal(money(LOCALE_EN, "$ EUR 1"), NONE);
	assert_int_equal(money(LOCALE_EN, "CA$1,234.50"), 1234500000);
	assert_int_equal(money(LOCALE_EN, "-A$7"), -7000000);
	assert_int_equal(money(LOCALE_PT, "R$ 12,50"), 12500000);
	assert_int_equal(money(LOCALE_EN, "\u20b91,00,000.50"), 100000500000);
	assert_int_equal(money(LOCALE_DE, "12,50 K\u010d"), 12500000);
	assert_int_equal(money(LOCALE_EN, "ABC$1"), NONE);
	assert_int_equal(money(LOCALE_EN, "CA1"), NONE);
}

static void
counts_are_whole(void **state)
{
	(void)state;
	assert_int_equal(count(LOCALE_EN, "1,234"), 1234);
	assert_int_equal(count(LOCALE_EN, "12.00"), 12);
	assert_int_equal(count(LOCALE_EN, "12.5"), NONE);
	assert_int_equal(count(LOCALE_EN, "-1"), NONE);
	assert_int_equal(count(LOCALE_EN, ""), NONE);
	assert_int_equal(count(LOCALE_DE, "1.234"), 1234);
	assert_int_equal(count(LOCALE_EN, "9,007,199,254,740,993"), NONE);
}

static void
blanks_are_known(void **state)
{
	(void)state;
	assert_true(locale_blank(STR(" -- ")));
	assert_true(locale_blank(STR("")));
	assert_true(locale_blank(STR("\xe2\x80\x94")));
	assert_false(locale_blank(STR("0")));
	assert_false(locale_blank(STR("-1")));
}

static void
days_are_read_in_the_locales_order(void **state)
{
	(void)state;
	assert_string_equal(day(LOCALE_DE, "2026-03-31"), "2026-03-31");
	assert_string_equal(day(LOCALE_DE, "20260331"), "2026-03-31");
	assert_string_equal(day(LOCALE_FR, "2026/3/31"), "2026-03-31");
	assert_string_equal(day(LOCALE_EN, "3/4/2026"), "2026-03-04");
	assert_string_equal(day(LOCALE_EN_GB, "3/4/2026"), "2026-04-03");
	assert_string_equal(day(LOCALE_DE, "04.03.2026"), "2026-03-04");
	assert_string_equal(day(LOCALE_NL, "4-3-2026"), "2026-03-04");
	assert_string_equal(
	    day(LOCALE_EN, "2026-03-31 00:00:00"), "2026-03-31");
	assert_string_equal(day(LOCALE_EN, "2026-03-31 10:00:00"), "none");
	assert_string_equal(day(LOCALE_EN, "2026-02-30"), "none");
	assert_string_equal(day(LOCALE_EN, "13/1/2026"), "none");
	assert_string_equal(day(LOCALE_EN, "3/4/26"), "none");
	assert_string_equal(day(LOCALE_EN, "Total"), "none");
	assert_string_equal(day(LOCALE_EN, ""), "none");
}

static void
months_may_be_words(void **state)
{
	(void)state;
	assert_string_equal(day(LOCALE_EN, "Mar 31, 2026"), "2026-03-31");
	assert_string_equal(day(LOCALE_EN, "Tue, Mar 31, 2026"), "2026-03-31");
	assert_string_equal(day(LOCALE_EN_GB, "31 March 2026"), "2026-03-31");
	assert_string_equal(
	    day(LOCALE_DE, "31. M\xc3\xa4rz 2026"), "2026-03-31");
	assert_string_equal(day(LOCALE_DE, "2. Mrz. 2026"), "2026-03-02");
	assert_string_equal(
	    day(LOCALE_FR, "1er f\xc3\xa9vr. 2026"), "2026-02-01");
	assert_string_equal(day(LOCALE_FR, "2 juil. 2026"), "2026-07-02");
	assert_string_equal(
	    day(LOCALE_ES, "31 de marzo de 2026"), "2026-03-31");
	assert_string_equal(day(LOCALE_IT, "2 mag 2026"), "2026-05-02");
	assert_string_equal(day(LOCALE_NL, "2 mrt. 2026"), "2026-03-02");
	assert_string_equal(
	    day(LOCALE_PT, "2 de mar\xc3\xa7o de 2026"), "2026-03-02");
	assert_string_equal(day(LOCALE_FR, "2 jui 2026"), "none");
	assert_string_equal(day(LOCALE_DE, "2 Foo 2026"), "none");
}

static void
locales_are_found_by_language_and_country(void **state)
{
	enum locale l;

	(void)state;
	assert_true(locale_find(STR("de"), &l));
	assert_int_equal(l, LOCALE_DE);
	assert_true(locale_find(STR("pt_BR"), &l));
	assert_int_equal(l, LOCALE_PT);
	assert_true(locale_find(STR("en-gb"), &l));
	assert_int_equal(l, LOCALE_EN_GB);
	assert_false(locale_find(STR("de-CH"), &l));
	assert_false(locale_find(STR("xx"), &l));
	assert_string_equal(locale_list(), "en, en-GB, de, fr, es, it, nl, pt");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thousands_and_decimals_follow_the_locale),
		cmocka_unit_test(a_number_of_another_locale_is_refused),
		cmocka_unit_test(signs_of_currencies_and_minus_are_read),
		cmocka_unit_test(counts_are_whole),
		cmocka_unit_test(blanks_are_known),
		cmocka_unit_test(days_are_read_in_the_locales_order),
		cmocka_unit_test(months_may_be_words),
		cmocka_unit_test(locales_are_found_by_language_and_country),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
