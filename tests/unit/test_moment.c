/* Times as shops write them; the offsets are worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "aggregator/platforms/moment.h"
#include "common/calendar.h"

static struct zone *berlin;

static int
open_zone(void **state)
{
	struct error err;

	(void)state;
	berlin = zone_open("Europe/Berlin", &err);
	return berlin == NULL;
}

static int
close_zone(void **state)
{
	(void)state;
	zone_free(berlin);
	return 0;
}

static void
is(const char *text, const char *utc)
{
	int64_t ms = 0;
	char shown[25];
	bool clock;

	if (!moment_parse(str_of(text), berlin, &ms, &clock))
		fail_msg("%s is not read", text);
	calendar_format_instant(ms, shown);
	assert_string_equal(shown, utc);
}

static void
an_offset_may_be_written_in_many_ways(void **state)
{
	(void)state;
	is("2026-03-31T09:15:00+01:00", "2026-03-31T08:15:00.000Z");
	is("2026-03-31 09:15:00 +0100", "2026-03-31T08:15:00.000Z");
	is("2026-03-31 09:15:00 -05:30", "2026-03-31T14:45:00.000Z");
	is("2026-03-31 09:15:00 UTC", "2026-03-31T09:15:00.000Z");
	is("2026-03-31T09:15Z", "2026-03-31T09:15:00.000Z");
	is(" 2026-03-31 09:15:00.2567+00:00 ", "2026-03-31T09:15:00.256Z");
}

static void
without_an_offset_the_clock_is_the_sites(void **state)
{
	(void)state;
	is("2026-01-31 09:15:00", "2026-01-31T08:15:00.000Z");
	is("2026-07-31 09:15", "2026-07-31T07:15:00.000Z");
	/* An hour before and after the clocks go forward. */
	is("2026-03-29 01:30:00", "2026-03-29T00:30:00.000Z");
	is("2026-03-29 03:30:00", "2026-03-29T01:30:00.000Z");
	/* And around when they go back. */
	is("2026-10-25 01:30:00", "2026-10-24T23:30:00.000Z");
	is("2026-10-25 03:30:00", "2026-10-25T02:30:00.000Z");
}

static void
milliseconds_since_1970_are_a_time(void **state)
{
	(void)state;
	is("1774946100000", "2026-03-31T08:35:00.000Z");
}

static void
a_day_alone_is_its_noon_and_has_no_clock(void **state)
{
	int64_t ms;
	bool clock = true;

	(void)state;
	is("2026-01-31", "2026-01-31T11:00:00.000Z");
	assert_true(moment_parse(STR("2026-01-31"), berlin, &ms, &clock));
	assert_false(clock);
	assert_true(moment_parse(STR("2026-01-31 00:00"), berlin, &ms, &clock));
	assert_true(clock);
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = { "", "yesterday", "2026-02-30 10:00",
		"2026-03-31 24:00:00", "2026-03-31 09:60:00",
		"2026-03-31 09:15:00 +1", "2026-03-31 09:15:00 CET",
		"2026-03-31 09:15:00 +01:00x", "31.03.2026 09:15", "1774946",
		"2026-03-31x", "2026-03-31 09:15:00." };
	int64_t ms;
	bool clock;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (moment_parse(str_of(bad[i]), berlin, &ms, &clock))
			fail_msg("%s was read", bad[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_offset_may_be_written_in_many_ways),
		cmocka_unit_test(without_an_offset_the_clock_is_the_sites),
		cmocka_unit_test(milliseconds_since_1970_are_a_time),
		cmocka_unit_test(a_day_alone_is_its_noon_and_has_no_clock),
		cmocka_unit_test(what_is_no_time_is_refused),
	};

	return cmocka_run_group_tests(tests, open_zone, close_zone);
}
