/* Which exposures count: where the visitor's hash says the arm, no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aggregator/journey/facts.h"

#define NOW INT64_C(1700000000000)

static const char sites_yaml[] =
    "sites:\n"
    "  - id: shop\n"
    "    timezone: UTC\n"
    "    currency: USD\n"
    "    experiments:\n"
    "      - {name: ours, assign: collector,\n"
    "         variants: [{name: a}, {name: b}]}\n"
    "      - {name: half, assign: collector, share: 0.5,\n"
    "         variants: [{name: a}, {name: b}]}\n"
    "      - {name: theirs, variants: [{name: a}, {name: b}]}\n"
    "      - {name: hold, holdout: 0.5, campaigns: [spring],\n"
    "         holdout_to: 'https://shop.example/'}\n";

#include "tests/unit/facts_harness.h"

/* How many exposures count of VISITOR seeing VARIANT by LANE. */
static size_t
taken(const char *experiment, const char *variant, const char *visitor,
    const char *lane)
{
	struct record r = { .v = 1,
		.event_id = STR("e"),
		.type = STR("exposure"),
		.site = STR("shop"),
		.lane = str_of(lane),
		.received_at = NOW,
		.time = NOW,
		.visitor_id = str_of(visitor),
		.user_id = STR("u"),
		.url = STR("https://shop.example/"),
		.user_agent = STR("Mozilla/5.0 (X11) Firefox/128.0"),
		.experiment = str_of(experiment),
		.variant = str_of(variant) };
	struct error err;

	facts_reset(facts);
	assert_true(facts_add(facts, &sites, rules, &r, 0, &err));
	assert_int_equal(facts->exposures.count + facts->forged, 1);
	return facts->exposures.count;
}

/* Of 200 visitors, how many may say FIRST, and how many SECOND. */
static void
count_arms(const char *experiment, const char *first, const char *second,
    size_t *as_first, size_t *as_second)
{
	char visitor[16];

	*as_first = *as_second = 0;
	for (int i = 0; i < 200; i++) {
		snprintf(visitor, sizeof(visitor), "visitor-%d", i);
		*as_first += taken(experiment, first, visitor, "browser");
		*as_second += taken(experiment, second, visitor, "browser");
	}
}

static void
the_arm_of_the_hash_counts_and_no_other(void **state)
{
	size_t a, b;

	(void)state;
	count_arms("ours", "a", "b", &a, &b);
	assert_int_equal(a + b, 200);
	assert_true(a > 60 && b > 60);
	assert_int_equal(taken("ours", "c", "visitor-1", "browser"), 0);
	/* The server's hits are signed, and the function is the same. */
	assert_int_equal(taken("ours", "a", "visitor-1", "server") +
			     taken("ours", "b", "visitor-1", "server"),
	    1);
}

static void
who_takes_no_part_cannot_say_so(void **state)
{
	size_t a, b;

	(void)state;
	count_arms("half", "a", "b", &a, &b);
	assert_true(a + b > 60 && a + b < 140);
}

static void
clicks_are_split_by_the_hash(void **state)
{
	size_t out, in;

	(void)state;
	count_arms("hold", "holdout", "exposed", &out, &in);
	assert_int_equal(out + in, 200);
	assert_true(out > 60 && in > 60);
}

static void
without_a_visitor_only_a_server_is_believed(void **state)
{
	(void)state;
	assert_int_equal(taken("ours", "a", "", "browser"), 0);
	assert_int_equal(taken("ours", "a", "", "server"), 1);
}

static void
what_the_site_decides_is_its_own(void **state)
{
	(void)state;
	assert_int_equal(taken("theirs", "a", "visitor-1", "browser"), 1);
	assert_int_equal(taken("theirs", "b", "visitor-1", "browser"), 1);
	assert_int_equal(taken("unknown", "x", "visitor-1", "browser"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_arm_of_the_hash_counts_and_no_other),
		cmocka_unit_test(who_takes_no_part_cannot_say_so),
		cmocka_unit_test(clicks_are_split_by_the_hash),
		cmocka_unit_test(without_a_visitor_only_a_server_is_believed),
		cmocka_unit_test(what_the_site_decides_is_its_own),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
