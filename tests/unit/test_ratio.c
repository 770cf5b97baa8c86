/* Quotients as PostgreSQL 15 prints them: every expectation is psql's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/report/ratio.h"

static void
check(int64_t a, int a_places, int64_t b, int b_places, const char *want)
{
	struct buf out = { NULL, 0, 0 };

	ratio_add(&out, (struct decimal){ a, a_places },
	    (struct decimal){ b, b_places });
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
}

static void
a_quotient_has_the_places_of_numeric(void **ctx)
{
	(void)ctx;
	/* SELECT 70::numeric(38,6) / 20::numeric(38,6) and so on */
	check(70000000, 6, 20000000, 6, "3.5000000000000000");
	check(0, 6, 20000000, 6, "0.00000000000000000000");
	check(20000000, 6, 3, 0, "6.6666666666666667");
	check(1, 0, 3, 0, "0.33333333333333333333");
	check(2, 0, 3, 0, "0.66666666666666666667");
	check(20000000, 6, 333334, 6, "59.9998800002399995");
	check(3, 0, 100, 0, "0.03000000000000000000");
	check(100000000, 6, 1, 6, "100000000.000000000000");
	check(1, 6, 100000000, 6, "0.0000000100000000000000000000");
	check(99999, 0, 3, 0, "33333.000000000000");
	check(5000000, 6, 7777777, 0, "0.000000642857207142863571");
}

static void
a_quotient_is_rounded_half_away_from_zero(void **ctx)
{
	(void)ctx;
	check(-20000000, 12, 20000000, 6, "-0.000001000000000000000000");
	check(-1, 0, 3, 0, "-0.33333333333333333333");
	check(-2, 0, 3, 0, "-0.66666666666666666667");
	check(1, 0, -3, 0, "-0.33333333333333333333");
	/* The carry runs through all places. */
	check(INT64_C(9999999999999999), 0, INT64_C(10000000000000000), 0,
	    "0.99999999999999990000");
	check(0, 6, -5, 0, "0.00000000000000000000");
}

static void
nothing_is_printed_for_a_quotient_by_zero(void **ctx)
{
	(void)ctx;
	check(5, 0, 0, 6, "");
}

static void
micros_have_six_places(void **ctx)
{
	static const struct {
		int64_t micros;
		const char *want;
	} rows[] = { { 0, "0.000000" }, { 1, "0.000001" }, { -1, "-0.000001" },
		{ 1000000, "1.000000" }, { -2500000, "-2.500000" },
		{ INT64_MAX, "9223372036854.775807" },
		{ INT64_MIN, "-9223372036854.775808" } };

	(void)ctx;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = { NULL, 0, 0 };

		ratio_add_micros(&out, rows[i].micros);
		assert_string_equal(buf_text(&out), rows[i].want);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quotient_has_the_places_of_numeric),
		cmocka_unit_test(a_quotient_is_rounded_half_away_from_zero),
		cmocka_unit_test(nothing_is_printed_for_a_quotient_by_zero),
		cmocka_unit_test(micros_have_six_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
