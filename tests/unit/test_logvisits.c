/*
 * test_logvisits.c - where one visit of an access log ends and the next begins.
 */
#include "aggregator/cli/logvisits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define T0 INT64_C(1760000000000)

static char *hosts[] = { (char *)"shop.test", (char *)"www.shop.test" };
static const struct site site = { .hosts = { hosts, 2 } };
static const struct hash128 ann = { 1, 2 }, bob = { 1, 3 };
static const struct logvisits_arrival direct = { 0, 0 };

static struct logvisits_arrival
came(const char *url, const char *referrer)
{
	return logvisits_arrival(&site, str_of(url), str_of(referrer));
}

static int
setup(void **state)
{
	*state = logvisits_new();
	return 0;
}

static int
teardown(void **state)
{
	logvisits_free(*state);
	return 0;
}

static void
half_an_hour_of_silence_ends_a_visit(void **state)
{
	assert_int_equal(logvisits_hit(*state, ann, T0, direct, 1).id, 1);
	assert_int_equal(
	    logvisits_hit(*state, ann, T0 + 30 * MINUTE, direct, 2).id, 1);
	assert_int_equal(
	    logvisits_hit(*state, ann, T0 + 60 * MINUTE + 1, direct, 3).id, 3);
}

static void
each_visitor_has_visits_of_their_own(void **state)
{
	assert_int_equal(logvisits_hit(*state, ann, T0, direct, 1).id, 1);
	assert_int_equal(logvisits_hit(*state, bob, T0 + 1, direct, 2).id, 2);
	assert_int_equal(logvisits_hit(*state, ann, T0 + 2, direct, 3).id, 1);
}

static void
a_visit_keeps_its_start(void **state)
{
	logvisits_hit(*state, ann, T0, direct, 1);
	assert_int_equal(
	    logvisits_hit(*state, ann, T0 + MINUTE, direct, 2).start_ms, T0);
}

static void
a_late_line_belongs_to_the_visit_and_does_not_set_it_back(void **state)
{
	logvisits_hit(*state, ann, T0, direct, 1);
	assert_int_equal(
	    logvisits_hit(*state, ann, T0 - 20 * MINUTE, direct, 2).id, 1);
	assert_int_equal(
	    logvisits_hit(*state, ann, T0 + 30 * MINUTE, direct, 3).id, 1);
}

static void
new_campaign_parameters_begin_a_visit_and_the_same_do_not(void **state)
{
	struct logvisits_arrival a = came("http://shop.test/?utm_source=a", "");
	struct logvisits_arrival b = came("http://shop.test/x?gclid=1&q=2", "");

	assert_int_equal(logvisits_hit(*state, ann, T0, direct, 1).id, 1);
	assert_int_equal(logvisits_hit(*state, ann, T0 + 1, a, 2).id, 2);
	assert_int_equal(logvisits_hit(*state, ann, T0 + 2, direct, 3).id, 2);
	assert_int_equal(logvisits_hit(*state, ann, T0 + 3, a, 4).id, 2);
	assert_int_equal(logvisits_hit(*state, ann, T0 + 4, b, 5).id, 5);
}

static void
a_new_external_referrer_begins_a_visit(void **state)
{
	struct logvisits_arrival x =
	    came("http://shop.test/", "http://x.test/1");
	struct logvisits_arrival again =
	    came("http://shop.test/", "https://X.test:80/2?q#f");
	struct logvisits_arrival y =
	    came("http://shop.test/", "http://y.test/");

	assert_int_equal(logvisits_hit(*state, ann, T0, x, 1).id, 1);
	assert_int_equal(logvisits_hit(*state, ann, T0 + 1, again, 2).id, 1);
	assert_int_equal(logvisits_hit(*state, ann, T0 + 2, y, 3).id, 3);
}

static void
own_hosts_and_what_is_no_address_are_no_referrers(void **state)
{
	(void)state;
	assert_int_equal(
	    came("http://a.test/", "http://WWW.shop.test/x").referrer, 0);
	assert_int_equal(
	    came("http://a.test/", "http://me@a.test:8080/x").referrer, 0);
	assert_int_equal(came("http://a.test/", "android-app://x").referrer, 0);
	assert_int_equal(came("http://a.test/", "http://").referrer, 0);
	assert_int_equal(came("http://a.test/", "").referrer, 0);
	assert_int_not_equal(
	    came("http://a.test/", "http://b.test").referrer, 0);
}

static void
only_campaign_parameters_with_a_value_are_a_campaign(void **state)
{
	(void)state;
	assert_int_equal(
	    came("http://a.test/?q=1&utm=2&x=utm_source", "").campaign, 0);
	assert_int_equal(
	    came("http://a.test/?utm_source=&gclid=", "").campaign, 0);
	assert_int_equal(came("http://a.test/#?utm_source=a", "").campaign, 0);
	assert_int_not_equal(
	    came("http://a.test/?UTM_Source=a#x", "").campaign, 0);
}

static void
a_hundred_thousand_visitors_fit(void **state)
{
	struct hash128 who = { 0, 0 };

	for (who.lo = 1; who.lo <= 100000; who.lo++)
		assert_int_equal(
		    logvisits_hit(*state, who, T0, direct, who.lo).id, who.lo);
	for (who.lo = 1; who.lo <= 100000; who.lo++)
		assert_int_equal(
		    logvisits_hit(*state, who, T0 + 1, direct, 7).id, who.lo);
}

static void
those_who_left_are_forgotten_those_who_are_here_are_not(void **state)
{
	struct hash128 who = { 9, 0 };

	logvisits_hit(*state, ann, T0, direct, 1);
	for (who.lo = 1; who.lo <= 200000; who.lo++) {
		logvisits_hit(
		    *state, who, T0 + (int64_t)who.lo * 100, direct, who.lo);
		if (who.lo % 1000 == 0)
			assert_int_equal(
			    logvisits_hit(*state, ann,
				T0 + (int64_t)who.lo * 100, direct, 2)
				.id,
			    1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(half_an_hour_of_silence_ends_a_visit),
		TEST(each_visitor_has_visits_of_their_own),
		TEST(a_visit_keeps_its_start),
		TEST(a_late_line_belongs_to_the_visit_and_does_not_set_it_back),
		TEST(new_campaign_parameters_begin_a_visit_and_the_same_do_not),
		TEST(a_new_external_referrer_begins_a_visit),
		TEST(own_hosts_and_what_is_no_address_are_no_referrers),
		TEST(only_campaign_parameters_with_a_value_are_a_campaign),
		TEST(a_hundred_thousand_visitors_fit),
		TEST(those_who_left_are_forgotten_those_who_are_here_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
