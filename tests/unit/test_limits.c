/*
 * test_limits.c - who may send how much, with the time given.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/limits.h"

#define SECOND INT64_C(1000000)

static const struct limit ten = { 10, 5, 1 }; /* ten a second, five at once */

static struct limits *
table(size_t count)
{
	return limits_new(count, 0x1234567890abcdef);
}

/* How many of COUNT requests at NOW are let through. */
static int
let_through(struct limits *l, const char *key, struct limit limit, int count,
    int64_t now)
{
	int passed = 0;

	for (int i = 0; i < count; i++)
		passed += limits_take(l, str_of(key), limit, now) == 0;
	return passed;
}

static void
a_burst_passes_and_then_nothing(void **state)
{
	struct limits *l = table(64);

	(void)state;
	assert_int_equal(let_through(l, "a", ten, 20, 7), 5);
	limits_free(l);
}

static void
tokens_come_back_at_the_rate(void **state)
{
	struct limits *l = table(64);

	(void)state;
	let_through(l, "a", ten, 20, 0);
	assert_int_equal(let_through(l, "a", ten, 20, SECOND / 10 - 1), 0);
	assert_int_equal(let_through(l, "a", ten, 20, SECOND / 10), 1);
	assert_int_equal(let_through(l, "a", ten, 20, 3 * SECOND / 10), 2);
	/* Never more than the burst. */
	assert_int_equal(let_through(l, "a", ten, 20, 100 * SECOND), 5);
	limits_free(l);
}

static void
a_refusal_says_how_long_to_wait_and_costs_nothing(void **state)
{
	struct limits *l = table(64);

	(void)state;
	let_through(l, "a", ten, 5, 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(limits_take(l, STR("a"), ten, 0), SECOND / 10);
	assert_int_equal(limits_take(l, STR("a"), ten, SECOND / 10), 0);
	limits_free(l);
}

static void
looking_takes_nothing_and_says_the_same(void **state)
{
	struct limits *l = table(64);

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(limits_wait(l, STR("a"), ten, 0), 0);
	assert_int_equal(let_through(l, "a", ten, 20, 0), 5);
	assert_int_equal(limits_wait(l, STR("a"), ten, 0), SECOND / 10);
	assert_int_equal(limits_wait(l, STR("a"), ten, SECOND / 10), 0);
	limits_free(l);
}

static void
a_rate_may_be_of_a_minute(void **state)
{
	struct limits *l = table(64);
	struct limit slow = { 10, 10, 60 };

	(void)state;
	assert_int_equal(let_through(l, "a", slow, 20, 0), 10);
	assert_int_equal(limits_take(l, STR("a"), slow, 0), 6 * SECOND);
	assert_int_equal(let_through(l, "a", slow, 20, 60 * SECOND), 10);
	limits_free(l);
}

static void
each_key_has_a_bucket_of_its_own(void **state)
{
	struct limits *l = table(64);

	(void)state;
	assert_int_equal(let_through(l, "a", ten, 20, 0), 5);
	assert_int_equal(let_through(l, "b", ten, 20, 0), 5);
	limits_free(l);
}

static void
rate_zero_is_no_limit(void **state)
{
	struct limits *l = table(64);

	(void)state;
	assert_int_equal(
	    let_through(l, "a", (struct limit){ 0, 1, 1 }, 1000, 0), 1000);
	limits_free(l);
}

static void
a_rate_over_a_million_is_still_a_limit(void **state)
{
	struct limits *l = table(64);
	struct limit fast = { 5000000, 3, 1 };

	(void)state;
	assert_int_equal(let_through(l, "a", fast, 20, 0), 3);
	limits_free(l);
}

/* A million strangers pass through a table of 1,024 in ten seconds. */
static void
a_flood_of_addresses_lets_nobody_off_and_hurts_no_honest_one(void **state)
{
	struct limits *l = table(1024);
	struct limit limit = { 200, 1000, 1 };
	int honest_refused = 0, attacker_passed, sent = 0;

	(void)state;
	assert_int_equal(let_through(l, "attacker", limit, 5000, 0), 1000);
	attacker_passed = 0;
	for (int64_t i = 0; i < 1000000; i++) {
		int64_t now = 10 * i;

		limits_take(l, str_make((char *)&i, sizeof(i)), limit, now);
		if (i % 200 == 0) { /* at 500 a second, two and a half times */
			attacker_passed +=
			    limits_take(l, STR("attacker"), limit, now) == 0;
			sent++;
		}
		if (i % 1000 == 0) /* at 100 a second */
			honest_refused +=
			    limits_take(l, STR("honest"), limit, now) != 0;
	}
	assert_int_equal(sent, 5000);
	assert_int_equal(honest_refused, 0);
	/* Ten seconds at 200, and no second burst. */
	assert_in_range(attacker_passed, 1900, 2001);
	limits_free(l);
}

/* One more way to need places: all of a set are at their limits. */
static void
a_full_table_forgets_the_fullest(void **state)
{
	struct limits *l = table(8);
	char key[2] = "a";

	(void)state;
	for (int i = 0; i < 8; i++) {
		key[0] = (char)('a' + i);
		let_through(l, key, ten, i + 1, 0);
	}
	assert_int_equal(limits_take(l, STR("new"), ten, 0), 0);
	/* "a" had taken the least and was forgotten; "h" was not. */
	assert_int_equal(let_through(l, "h", ten, 20, 0), 0);
	limits_free(l);
}

static void
expect_key(const char *address, bool private_too, const char *bytes, size_t len)
{
	char out[LIMITS_KEY_BYTES];
	struct str key = limits_address(str_of(address), private_too, out);

	assert_true(str_eq(key, str_make(bytes, len)));
}

static void
an_ipv4_address_counts_alone_and_ipv6_by_its_64(void **state)
{
	(void)state;
	expect_key("203.0.113.9", false, "\xcb\0\x71\x09", 4);
	expect_key("::ffff:203.0.113.9", false, "\xcb\0\x71\x09", 4);
	expect_key("2001:db8:1:2::1", false, "\x20\x01\x0d\xb8\0\1\0\2", 8);
	expect_key("2001:db8:1:2:ffff::", false, "\x20\x01\x0d\xb8\0\1\0\2", 8);
	expect_key("", true, "", 0);
	expect_key("nonsense", true, "", 0);
	expect_key(
	    "1.2.3.4.5.6.7.8.9.1.2.3.4.5.6.7.8.9.1.2.3.4.5.6", true, "", 0);
}

static void
private_addresses_have_no_limit_unless_asked_for(void **state)
{
	static const char *const some[] = { "127.0.0.1", "10.2.3.4",
		"192.168.1.1", "172.16.0.1", "172.31.255.255", "169.254.1.1",
		"::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1" };
	char out[LIMITS_KEY_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		assert_int_equal(
		    limits_address(str_of(some[i]), false, out).len, 0);
		assert_true(limits_address(str_of(some[i]), true, out).len > 0);
	}
	assert_true(limits_address(STR("172.32.0.1"), false, out).len > 0);
	assert_true(limits_address(STR("192.169.0.1"), false, out).len > 0);
}

static void
shares_add_up_to_at_least_the_whole(void **state)
{
	struct limit all = { 200, 1000, 1 };

	(void)state;
	assert_int_equal(limits_share(all, 8).rate, 25);
	assert_int_equal(limits_share(all, 8).burst, 125);
	assert_int_equal(limits_share((struct limit){ 1, 1, 1 }, 64).rate, 1);
	assert_int_equal(limits_share((struct limit){ 0, 1, 1 }, 64).rate, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_passes_and_then_nothing),
		cmocka_unit_test(tokens_come_back_at_the_rate),
		cmocka_unit_test(
		    a_refusal_says_how_long_to_wait_and_costs_nothing),
		cmocka_unit_test(looking_takes_nothing_and_says_the_same),
		cmocka_unit_test(a_rate_may_be_of_a_minute),
		cmocka_unit_test(each_key_has_a_bucket_of_its_own),
		cmocka_unit_test(rate_zero_is_no_limit),
		cmocka_unit_test(a_rate_over_a_million_is_still_a_limit),
		cmocka_unit_test(
		    a_flood_of_addresses_lets_nobody_off_and_hurts_no_honest_one),
		cmocka_unit_test(a_full_table_forgets_the_fullest),
		cmocka_unit_test(
		    an_ipv4_address_counts_alone_and_ipv6_by_its_64),
		cmocka_unit_test(
		    private_addresses_have_no_limit_unless_asked_for),
		cmocka_unit_test(shares_add_up_to_at_least_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
