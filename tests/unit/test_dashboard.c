/*
 * What the dashboard's API takes for an answer to "of what, and when": the
 * parameters of aggregator/dashboard/params.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "aggregator/dashboard/params.h"
#include "common/calendar.h"

static struct arena *arena;
static struct error err;
static struct params p;

static int
start(void **state)
{
	(void)state;
	arena = arena_new(4096);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static int32_t
day(const char *text)
{
	int32_t d;

	assert_true(calendar_parse_day(str_of(text), &d));
	return d;
}

static bool
read(const char *query)
{
	return params_read(&p, str_of(query), day("2026-11-27"), arena, &err);
}

static void
refused(const char *query, const char *why)
{
	assert_false(read(query));
	assert_int_equal(err.kind, ERROR_REJECT);
	assert_string_equal(err.text, why);
}

static void
without_days_it_is_the_last_thirty(void **state)
{
	(void)state;
	assert_true(read("site=shop"));
	assert_int_equal(p.from, day("2026-10-29"));
	assert_int_equal(p.to, day("2026-11-27"));
	assert_string_equal(p.site, "shop");
	assert_string_equal(p.model, "last_touch");
	assert_int_equal(p.basis, 0);
	assert_true(read("site=shop&to=2026-01-30"));
	assert_int_equal(p.from, day("2026-01-01"));
	assert_true(read("from=2026-01-01&site=shop"));
	assert_int_equal(p.to, day("2026-01-30"));
}

static void
everything_may_be_said(void **state)
{
	(void)state;
	assert_true(read("site=caf%C3%A9&from=2026-02-28&to=2026-03-01&"
			 "model=time_decay&basis=touch"));
	assert_string_equal(p.site, "caf\xc3\xa9");
	assert_int_equal(p.to - p.from, 1);
	assert_string_equal(p.model, "time_decay");
	assert_int_equal(p.basis, 1);
}

static void
what_is_not_sensible_is_named(void **state)
{
	(void)state;
	refused("", "site is missing");
	refused("site=", "site has 1 to 64 bytes");
	refused("site=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaa",
	    "site has 1 to 64 bytes");
	refused("site=a&site=b", "site is given twice");
	refused("site=a&sote=b", "no parameter is called sote");
	refused("site=a&from=yesterday", "from is no day such as 2026-11-30");
	refused("site=a&to=2026-02-30", "to is no day such as 2026-11-30");
	refused("site=a&from=2026-03-02&to=2026-03-01", "from is after to");
	refused("site=a&from=2024-01-01&to=2026-11-27",
	    "from and to are more than 800 days apart");
	refused("site=a&model=best", "model is none of those of /api/about");
	refused("site=a&basis=moon", "basis is conversion or touch");
}

static void
a_time_has_800_days_at_most(void **state)
{
	(void)state;
	assert_true(read("site=a&from=2024-01-01&to=2026-03-10"));
	assert_int_equal(p.to - p.from, 799);
	assert_false(read("site=a&from=2024-01-01&to=2026-03-11"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_days_it_is_the_last_thirty),
		cmocka_unit_test(everything_may_be_said),
		cmocka_unit_test(what_is_not_sensible_is_named),
		cmocka_unit_test(a_time_has_800_days_at_most),
	};

	return cmocka_run_group_tests(tests, start, end);
}
