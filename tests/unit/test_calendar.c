/* Dates and zones, compared with the C library's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "common/calendar.h"

static void
every_day_goes_there_and_back(void **state)
{
	(void)state;
	for (int32_t day = -30000; day < 90000; day++) {
		int y, m, d;
		char text[11];
		int32_t again;

		calendar_civil(day, &y, &m, &d);
		assert_int_equal(calendar_day(y, m, d), day);
		calendar_format_day(day, text);
		if (y >= 1900 && y <= 2200) {
			assert_true(calendar_parse_day(str_of(text), &again));
			assert_int_equal(again, day);
		}
	}
}

static void
dates_that_do_not_exist_are_refused(void **state)
{
	static const char *const bad[] = { "2026-02-29", "2026-13-01",
		"2026-00-10", "2026-01-00", "26-01-01", "2026-1-01",
		"2026-01-01 ", "1899-12-31", "2201-01-01", "2026/01/01", "",
		"2026-01", "-026-01-01", "2026--1-01" };
	int32_t day;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(calendar_parse_day(str_of(bad[i]), &day));
	assert_true(calendar_parse_day(STR("2028-02-29"), &day));
}

static void
instants_are_read_with_offset_and_fraction(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2015-05-17T10:05:03+00:00", INT64_C(1431857103000) },
		{ "2015-05-17t12:05:03.25+02:00", INT64_C(1431857103250) },
		{ "2015-05-17 10:05:03.123456z", INT64_C(1431857103123) },
		{ "2016-12-31T23:59:60Z", INT64_C(1483228799000) },
	};
	static const char *const bad[] = { "2015-05-17T10:05:03", "2015-05-17",
		"2015-05-17T24:00:00Z", "2015-05-17T10:60:00Z",
		"2015-05-17T10:05:61Z", "2015-05-17T10:05:03.Z",
		"2015-05-17T10:05:03+0200", "2015-05-17T10:05:03Zx" };
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(calendar_parse_instant(str_of(good[i].text), &ms));
		assert_int_equal(ms, good[i].ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(calendar_parse_instant(str_of(bad[i]), &ms));
}

static void
an_instant_is_written_in_utc(void **state)
{
	char text[25];

	(void)state;
	calendar_format_instant(INT64_C(1431857103007), text);
	assert_string_equal(text, "2015-05-17T10:05:03.007Z");
	calendar_format_instant(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
}

/* The C library is the oracle: hourly steps with odd minutes, 1990-2060. */
static void
zones_agree_with_the_c_library(void **state)
{
	static const char *const names[] = { "UTC", "Europe/Berlin",
		"America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo",
		"Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca",
		"America/St_Johns", "Europe/Dublin", "Asia/Tehran",
		"Pacific/Auckland", "America/Nuuk" };
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct zone *z = zone_open(names[i], &err);

		assert_non_null(z);
		setenv("TZ", names[i], 1);
		tzset();
		for (time_t t = 631152000; t < 2840140800; t += 3600 * 5 + 60) {
			struct tm tm;

			localtime_r(&t, &tm);
			assert_int_equal(
			    zone_offset_s(z, (int64_t)t * 1000), tm.tm_gmtoff);
			assert_int_equal(zone_day(z, (int64_t)t * 1000),
			    calendar_day(
				tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday));
		}
		zone_free(z);
	}
}

static void
days_have_23_and_25_hours_when_clocks_change(void **state)
{
	struct error err;
	struct zone *z = zone_open("Europe/Berlin", &err);
	int32_t spring = calendar_day(2026, 3, 29);
	int32_t autumn = calendar_day(2026, 10, 25);

	(void)state;
	assert_non_null(z);
	assert_int_equal(
	    zone_day_start_ms(z, spring + 1) - zone_day_start_ms(z, spring),
	    23 * 3600000);
	assert_int_equal(
	    zone_day_start_ms(z, autumn + 1) - zone_day_start_ms(z, autumn),
	    25 * 3600000);
	for (int32_t day = spring - 400; day < autumn + 400; day++) {
		int64_t start = zone_day_start_ms(z, day);

		assert_int_equal(zone_day(z, start), day);
		assert_int_equal(zone_day(z, start - 1), day - 1);
	}
	zone_free(z);
}

static void
an_unknown_zone_says_so(void **state)
{
	static const char *const bad[] = { "Mars/Olympus", "", "/etc/passwd",
		"../../etc/passwd", "Europe", "Europe/Berlin\n" };
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		err.text[0] = '\0';
		assert_null(zone_open(bad[i], &err));
		assert_true(err.text[0] != '\0');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_goes_there_and_back),
		cmocka_unit_test(dates_that_do_not_exist_are_refused),
		cmocka_unit_test(instants_are_read_with_offset_and_fraction),
		cmocka_unit_test(an_instant_is_written_in_utc),
		cmocka_unit_test(zones_agree_with_the_c_library),
		cmocka_unit_test(days_have_23_and_25_hours_when_clocks_change),
		cmocka_unit_test(an_unknown_zone_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
