/*
 * test_forwarded.c - whose request it is, over chains of proxies.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "common/forwarded.h"

static char *const proxies[] = { (char *)"10.0.0.0/8", (char *)"192.0.2.7",
	(char *)"2001:db8:1::/48", (char *)"127.0.0.1" };

static struct forwarded
trusted(struct arena *arena)
{
	struct texts texts = { (char **)(void *)proxies, 4 };
	struct forwarded f;
	struct error err;

	assert_true(forwarded_parse(&f, &texts, arena, &err));
	return f;
}

/* What the chain FIRST (and SECOND, another field) from PEER comes to. */
static void
expect(
    const char *peer, const char *first, const char *second, const char *client)
{
	struct arena *arena = arena_new(1024);
	struct forwarded f = trusted(arena);
	struct http_header fields[3] = {
		{ STR("Host"), STR("x") },
		{ STR("X-Forwarded-For"), str_of(first) },
		{ STR("x-forwarded-for"), str_of(second) },
	};
	struct http_request req = { .headers = fields,
		.header_count = second  ? 3
				: first ? 2
					: 1 };
	char out[FORWARDED_ADDRESS_MAX];

	forwarded_client(&f, str_of(peer), &req, out);
	assert_string_equal(out, client);
	arena_free(arena);
}

static void
without_the_field_the_peer_is_the_client(void **state)
{
	(void)state;
	expect("203.0.113.9", NULL, NULL, "203.0.113.9");
	expect("10.1.2.3", NULL, NULL, "10.1.2.3");
	expect("2001:db8::1", NULL, NULL, "2001:db8::1");
	expect("10.1.2.3", "", NULL, "10.1.2.3");
}

static void
an_untrusted_peer_is_not_believed(void **state)
{
	(void)state;
	expect("203.0.113.9", "1.2.3.4", NULL, "203.0.113.9");
	expect("203.0.113.9", "10.0.0.1", NULL, "203.0.113.9");
	expect("192.0.2.8", "1.2.3.4", NULL, "192.0.2.8");
	expect("11.0.0.1", "1.2.3.4", NULL, "11.0.0.1");
	expect("2001:db8:2::1", "1.2.3.4", NULL, "2001:db8:2::1");
}

static void
a_trusted_peer_names_the_client(void **state)
{
	(void)state;
	expect("10.1.2.3", "198.51.100.4", NULL, "198.51.100.4");
	expect("192.0.2.7", "198.51.100.4", NULL, "198.51.100.4");
	expect("127.0.0.1", "2001:db8:9::4", NULL, "2001:db8:9::4");
	expect("2001:db8:1:2::3", "198.51.100.4", NULL, "198.51.100.4");
}

static void
an_address_mapped_into_ipv6_is_the_same_address(void **state)
{
	(void)state;
	expect("::ffff:10.1.2.3", "198.51.100.4", NULL, "198.51.100.4");
	expect("10.1.2.3", "::ffff:198.51.100.4", NULL, "198.51.100.4");
	expect("10.1.2.3", "5.5.5.5, ::ffff:10.9.9.9", NULL, "5.5.5.5");
}

static void
the_walk_stops_at_the_first_untrusted_from_the_right(void **state)
{
	(void)state;
	expect("10.1.2.3", "1.1.1.1, 198.51.100.4", NULL, "198.51.100.4");
	expect("10.1.2.3", "1.1.1.1, 198.51.100.4, 10.9.9.9", NULL,
	    "198.51.100.4");
	expect("10.1.2.3", "10.4.4.4,198.51.100.4 ,10.9.9.9,192.0.2.7", NULL,
	    "198.51.100.4");
	expect("10.1.2.3", "1.1.1.1, 10.0.0.9", NULL, "1.1.1.1");
}

static void
a_chain_of_proxies_only_leads_to_the_first(void **state)
{
	(void)state;
	expect("10.1.2.3", "10.4.4.4, 10.5.5.5", NULL, "10.4.4.4");
	expect("127.0.0.1", "127.0.0.1", NULL, "127.0.0.1");
}

static void
several_fields_are_one_list(void **state)
{
	(void)state;
	expect("10.1.2.3", "1.1.1.1", "198.51.100.4", "198.51.100.4");
	expect("10.1.2.3", "198.51.100.4", "10.5.5.5", "198.51.100.4");
	expect("10.1.2.3", "1.1.1.1, 198.51.100.4", "10.5.5.5, 10.6.6.6",
	    "198.51.100.4");
}

static void
what_is_no_address_ends_the_walk(void **state)
{
	(void)state;
	expect("10.1.2.3", "garbage", NULL, "10.1.2.3");
	expect("10.1.2.3", "1.1.1.1, unknown, 10.5.5.5", NULL, "10.5.5.5");
	expect("10.1.2.3", "1.1.1.1, _hidden", NULL, "10.1.2.3");
	expect("10.1.2.3", "1.2.3", NULL, "10.1.2.3");
	expect("10.1.2.3", "1.2.3.4.5", NULL, "10.1.2.3");
	expect("10.1.2.3", "256.1.1.1", NULL, "10.1.2.3");
	expect("10.1.2.3", "1.1.1.1; 2.2.2.2", NULL, "10.1.2.3");
	expect("10.1.2.3", "::g", NULL, "10.1.2.3");
	expect("10.1.2.3", "[::1", NULL, "10.1.2.3");
	expect("10.1.2.3", "[::1]x", NULL, "10.1.2.3");
}

static void
a_port_is_not_part_of_the_address(void **state)
{
	(void)state;
	expect("10.1.2.3", "198.51.100.4:4711", NULL, "198.51.100.4");
	expect("10.1.2.3", "[2001:db8:9::4]:4711", NULL, "2001:db8:9::4");
	expect("10.1.2.3", "[2001:db8:9::4]", NULL, "2001:db8:9::4");
}

static void
empty_parts_are_skipped(void **state)
{
	(void)state;
	expect("10.1.2.3", "198.51.100.4,", NULL, "198.51.100.4");
	expect(
	    "10.1.2.3", " , 198.51.100.4 , , 10.1.1.1,", NULL, "198.51.100.4");
	expect("10.1.2.3", ",", NULL, "10.1.2.3");
}

static void
https_is_believed_from_a_trusted_peer_only(void **state)
{
	struct arena *arena = arena_new(1024);
	struct forwarded f = trusted(arena);
	struct http_header field = { STR("X-Forwarded-Proto"), STR("https") };
	struct http_request req = { .headers = &field, .header_count = 1 };

	(void)state;
	assert_true(forwarded_https(&f, STR("10.1.2.3"), &req));
	assert_false(forwarded_https(&f, STR("203.0.113.9"), &req));
	field.value = STR("http");
	assert_false(forwarded_https(&f, STR("10.1.2.3"), &req));
	field.value = STR("http, https");
	assert_false(forwarded_https(&f, STR("10.1.2.3"), &req));
	req.header_count = 0;
	assert_false(forwarded_https(&f, STR("10.1.2.3"), &req));
	arena_free(arena);
}

static void
no_proxies_trust_nobody(void **state)
{
	struct arena *arena = arena_new(64);
	struct texts none = { NULL, 0 };
	struct forwarded f;

	(void)state;
	assert_true(forwarded_parse(&f, &none, arena, NULL));
	assert_false(forwarded_trusts(&f, STR("127.0.0.1")));
	arena_free(arena);
}

static void
a_wrong_network_is_named(void **state)
{
	static const char *const wrong[] = { "10.0.0.0/33", "10.0.0/8", "x", "",
		"::1/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8" };
	struct arena *arena = arena_new(64);

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char *text = (char *)(uintptr_t)wrong[i];
		struct texts texts = { &text, 1 };
		struct forwarded f;
		struct error err;

		assert_false(forwarded_parse(&f, &texts, arena, &err));
		assert_non_null(strstr(err.text, wrong[i]));
	}
	arena_free(arena);
}

static void
expect_cut(const char *address, const char *network)
{
	char out[FORWARDED_ADDRESS_MAX];

	assert_int_equal(
	    forwarded_truncate(str_of(address), out), network[0] != '\0');
	assert_string_equal(out, network);
}

static void
addresses_are_cut_to_their_network(void **state)
{
	(void)state;
	expect_cut("203.0.113.9", "203.0.113.0");
	expect_cut("255.255.255.255", "255.255.255.0");
	expect_cut("::ffff:203.0.113.9", "203.0.113.0");
	expect_cut("2001:db8:1234:5678:9abc:def0:1:2", "2001:db8:1234::");
	expect_cut("::1", "::");
	expect_cut("nonsense", "");
	expect_cut("", "");
}

static void
dotted_quads_are_read_as_by_inet_pton(void **state)
{
	static const char *const parts[] = { "0", "9", "10", "255", "256", "99",
		"199", "01", "00", "", "a", "1a", "1000", " 1", "1 ", "-1",
		"+1", "0x1", "." };
	enum { N = sizeof(parts) / sizeof(parts[0]) };
	char text[64];

	(void)state;
	for (int i = 0; i < N * N * N; i++) {
		uint8_t want[16] = { [10] = 0xff, [11] = 0xff }, got[16];
		bool good;

		snprintf(text, sizeof(text), "%s.7.%s.%s", parts[i % N],
		    parts[i / N % N], parts[i / N / N]);
		good = inet_pton(AF_INET, text, want + 12) == 1;
		if (good != forwarded_address(str_of(text), got) ||
		    (good && memcmp(got, want, sizeof(got)) != 0))
			fail_msg("%s", text);
	}
	assert_false(forwarded_address(STR("1.2.3"), (uint8_t[16]){ 0 }));
	assert_false(forwarded_address(STR("1.2.3.4."), (uint8_t[16]){ 0 }));
	assert_false(forwarded_address(STR("1.2.3.4:5"), (uint8_t[16]){ 0 }));
	assert_false(forwarded_address(STR("1.2.3.4\0"), (uint8_t[16]){ 0 }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_field_the_peer_is_the_client),
		cmocka_unit_test(an_untrusted_peer_is_not_believed),
		cmocka_unit_test(a_trusted_peer_names_the_client),
		cmocka_unit_test(
		    an_address_mapped_into_ipv6_is_the_same_address),
		cmocka_unit_test(
		    the_walk_stops_at_the_first_untrusted_from_the_right),
		cmocka_unit_test(a_chain_of_proxies_only_leads_to_the_first),
		cmocka_unit_test(several_fields_are_one_list),
		cmocka_unit_test(what_is_no_address_ends_the_walk),
		cmocka_unit_test(a_port_is_not_part_of_the_address),
		cmocka_unit_test(empty_parts_are_skipped),
		cmocka_unit_test(https_is_believed_from_a_trusted_peer_only),
		cmocka_unit_test(no_proxies_trust_nobody),
		cmocka_unit_test(a_wrong_network_is_named),
		cmocka_unit_test(addresses_are_cut_to_their_network),
		cmocka_unit_test(dotted_quads_are_read_as_by_inet_pton),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
