/*
 * test_visitor.c - cookies that are only ours, and when a visit ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "collector/visitor.h"

#define NOW INT64_C(1700000000000)
#define KEY STR("0123456789abcdef0123456789abcdef")

static char *hosts[] = { (char *)"shop.example", (char *)"www.shop.example" };
static struct site shop = { .id = (char *)"shop", .hosts = { hosts, 2 } };
static const struct sites sites = { .list = { &shop, 1 } };
static char *pay[] = { (char *)"pay.example" };
static const struct texts ignored = { pay, 1 };

static struct arrival
arrival(struct record r)
{
	return visitor_arrival(&r, &sites, &shop, &ignored);
}

static void
a_visitor_comes_back_from_the_cookie(void **state)
{
	char text[VISITOR_COOKIE_MAX];
	struct visitor a, b;
	struct str cookie;

	(void)state;
	visitor_mint(&a, NOW);
	assert_int_equal(strlen(a.id), VISITOR_ID_LEN);
	assert_int_equal(a.first_s, NOW / 1000);
	cookie = visitor_write(&a, KEY, text);
	assert_true(visitor_read(&b, KEY, cookie, NOW + 5000));
	assert_string_equal(a.id, b.id);
	assert_int_equal(a.first_s, b.first_s);
}

static void
a_changed_cookie_is_not_ours(void **state)
{
	char text[VISITOR_COOKIE_MAX];
	struct visitor a, b;
	struct str cookie;

	(void)state;
	visitor_mint(&a, NOW);
	cookie = visitor_write(&a, KEY, text);
	for (size_t i = 0; i < cookie.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			text[i] ^= (char)(1 << bit);
			assert_false(visitor_read(&b, KEY, cookie, NOW));
			text[i] ^= (char)(1 << bit);
		}
	}
	for (size_t len = 0; len < cookie.len; len++)
		assert_false(visitor_read(&b, KEY, str_head(cookie, len), NOW));
	assert_true(visitor_read(&b, KEY, cookie, NOW));
	assert_false(visitor_read(&b, STR("another key of 16"), cookie, NOW));
}

static void
forged_cookies_are_not_ours(void **state)
{
	char text[VISITOR_COOKIE_MAX], id[VISITOR_ID_LEN + 1];
	struct visitor v;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		int len;

		visitor_mint_id(id);
		len = snprintf(text, sizeof(text), "%s.1700000000.%s", id, id);
		assert_false(
		    visitor_read(&v, KEY, str_make(text, (size_t)len), NOW));
	}
}

static void
one_cookie_cannot_stand_for_the_other(void **state)
{
	char text[VISITOR_COOKIE_MAX];
	struct session s = { 0 }, read;
	struct visitor v, w;

	(void)state;
	visitor_session_hit(&s, false, (struct arrival){ 0 }, NOW);
	assert_false(
	    visitor_read(&w, KEY, visitor_session_write(&s, KEY, text), NOW));
	visitor_mint(&v, NOW);
	assert_false(
	    visitor_session_read(&read, KEY, visitor_write(&v, KEY, text)));
}

static void
a_visitor_ends_a_fixed_time_after_the_first_visit(void **state)
{
	char text[VISITOR_COOKIE_MAX];
	struct visitor a, b;
	struct str cookie;
	int64_t end = NOW + VISITOR_LIFE_S * 1000;

	(void)state;
	visitor_mint(&a, NOW);
	cookie = visitor_write(&a, KEY, text);
	assert_true(visitor_read(&b, KEY, cookie, end - 1000));
	assert_false(visitor_read(&b, KEY, cookie, end));
}

static void
minted_ids_differ(void **state)
{
	static char ids[2000][VISITOR_ID_LEN + 1];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		visitor_mint_id(ids[i]);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(ids[i], ids[k]);
	}
}

static void
a_visit_comes_back_from_the_cookie(void **state)
{
	char text[VISITOR_COOKIE_MAX];
	struct session a = { 0 }, b;

	(void)state;
	assert_true(visitor_session_hit(
	    &a, false, (struct arrival){ 0xdeadbeef, 7 }, NOW));
	assert_true(visitor_session_read(
	    &b, KEY, visitor_session_write(&a, KEY, text)));
	assert_string_equal(a.id, b.id);
	assert_int_equal(b.start_ms, NOW);
	assert_int_equal(b.last_ms, NOW);
	assert_int_equal(b.came.campaign, 0xdeadbeef);
	assert_int_equal(b.came.referrer, 7);
	text[3] ^= 1;
	assert_false(
	    visitor_session_read(&b, KEY, str_of("x.1.2.0000000000000000.y")));
}

static void
half_an_hour_of_silence_ends_a_visit(void **state)
{
	struct session s = { 0 };
	struct arrival none = { 0 };
	char id[VISITOR_ID_LEN + 1];

	(void)state;
	visitor_session_hit(&s, false, none, NOW);
	memcpy(id, s.id, sizeof(id));
	/* Each hit gives it another half an hour. */
	assert_false(visitor_session_hit(&s, true, none, NOW + 1799999));
	assert_false(visitor_session_hit(&s, true, none, NOW + 3599998));
	assert_string_equal(s.id, id);
	assert_int_equal(s.start_ms, NOW);
	assert_true(visitor_session_hit(&s, true, none, NOW + 5399998));
	assert_string_not_equal(s.id, id);
	assert_int_equal(s.start_ms, NOW + 5399998);
}

static void
a_new_campaign_begins_a_visit_and_its_reload_does_not(void **state)
{
	struct session s = { 0 };
	struct arrival a = { 1, 0 }, b = { 2, 0 }, none = { 0 };

	(void)state;
	assert_true(visitor_session_hit(&s, false, a, NOW));
	assert_false(visitor_session_hit(&s, true, a, NOW + 1));
	assert_false(visitor_session_hit(&s, true, none, NOW + 2));
	assert_false(visitor_session_hit(&s, true, a, NOW + 3));
	assert_true(visitor_session_hit(&s, true, b, NOW + 4));
	assert_false(visitor_session_hit(&s, true, b, NOW + 5));
	assert_true(visitor_session_hit(&s, true, a, NOW + 6));
}

static void
a_new_referrer_begins_a_visit_and_its_reload_does_not(void **state)
{
	struct session s = { 0 };
	struct arrival a = { 0, 1 }, b = { 0, 2 }, none = { 0 };

	(void)state;
	assert_true(visitor_session_hit(&s, false, none, NOW));
	assert_true(visitor_session_hit(&s, true, a, NOW + 1));
	assert_false(visitor_session_hit(&s, true, a, NOW + 2));
	assert_false(visitor_session_hit(&s, true, none, NOW + 3));
	assert_true(visitor_session_hit(&s, true, b, NOW + 4));
}

/* A page renamed by a script keeps its referrer and loses its campaign. */
static void
the_referrer_that_came_with_a_campaign_is_not_new(void **state)
{
	struct session s = { 0 };

	(void)state;
	assert_true(
	    visitor_session_hit(&s, false, (struct arrival){ 1, 2 }, NOW));
	assert_false(
	    visitor_session_hit(&s, true, (struct arrival){ 0, 2 }, NOW + 1));
}

static void
campaigns_are_read_from_url_and_statement(void **state)
{
	uint32_t mail, mail2;

	(void)state;
	assert_int_equal(
	    arrival((struct record){ .url = STR("https://shop.example/?q=1") })
		.campaign,
	    0);
	mail = arrival(
	    (struct record){
		.url = STR("https://shop.example/?utm_source=mail&q=1") })
		   .campaign;
	mail2 = arrival(
	    (struct record){
		.url = STR("https://shop.example/a?x=2&utm_source=mail#u") })
		    .campaign;
	assert_int_not_equal(mail, 0);
	assert_int_equal(mail, mail2);
	assert_int_not_equal(mail,
	    arrival((struct record){
			.url = STR("https://shop.example/?utm_source=ads") })
		.campaign);
	assert_int_not_equal(
	    arrival(
		(struct record){ .url = STR("https://shop.example/?gclid=1") })
		.campaign,
	    0);
	assert_int_equal(
	    arrival((struct record){
			.url = STR("https://shop.example/?utm_source=") })
		.campaign,
	    0);
	assert_int_not_equal(
	    arrival((struct record){ .source = STR("mail") }).campaign, 0);
	assert_int_not_equal(
	    arrival((struct record){ .source = STR("mail") }).campaign,
	    arrival((struct record){ .medium = STR("mail") }).campaign);
}

static uint32_t
referrer(const char *url, const char *from)
{
	return arrival(
	    (struct record){ .url = str_of(url), .referrer = str_of(from) })
	    .referrer;
}

static void
only_foreign_hosts_are_referrers(void **state)
{
	const char *page = "https://shop.example/";

	(void)state;
	assert_int_not_equal(referrer(page, "https://search.example/q"), 0);
	assert_int_equal(referrer(page, "https://search.example/q"),
	    referrer(page, "http://SEARCH.example:8080/other"));
	assert_int_equal(referrer(page, ""), 0);
	assert_int_equal(referrer(page, "about:blank"), 0);
	assert_int_equal(referrer(page, "https://www.shop.example/a"), 0);
	assert_int_equal(referrer(page, "https://SHOP.example:8443/a"), 0);
	assert_int_equal(
	    referrer("https://new.example/", "https://new.example/a"), 0);
	assert_int_equal(referrer(page, "https://pay.example/back"), 0);
	assert_int_equal(referrer(page, "https://www.pay.example/back"), 0);
	assert_int_not_equal(referrer(page, "https://notpay.example/"), 0);
	assert_int_not_equal(
	    referrer(page, "https://shop.example@evil.example/"), 0);
}

static void
expect_host(const char *url, const char *host)
{
	struct str got = visitor_url_host(str_of(url));

	assert_int_equal(got.len, strlen(host));
	assert_memory_equal(got.data ? got.data : "", host, got.len);
}

static void
the_host_of_a_url_is_without_user_and_port(void **state)
{
	(void)state;
	expect_host("https://a.example/x", "a.example");
	expect_host("https://a.example", "a.example");
	expect_host("https://a.example:80?x", "a.example");
	expect_host("https://u:p@a.example:80/", "a.example");
	expect_host("https://a.example#@b.example", "a.example");
	expect_host("https://a.example\\@b.example", "a.example");
	expect_host("https://[::1]:80/", "[::1]");
	expect_host("/path", "");
	expect_host("", "");
}

static void
expect_attributes(struct cookie_attributes how, const char *text)
{
	struct arena *arena = arena_new(256);
	struct str got = visitor_set_cookie(arena, "n", STR("v"), &how);

	assert_string_equal(got.data, text);
	arena_free(arena);
}

static void
cookies_are_as_strict_as_the_request_allows(void **state)
{
	(void)state;
	expect_attributes(
	    (struct cookie_attributes){ 60, "", false, false, false },
	    "n=v; Max-Age=60; Path=/; HttpOnly; SameSite=Lax");
	expect_attributes(
	    (struct cookie_attributes){ 60, "", true, false, false },
	    "n=v; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure");
	expect_attributes(
	    (struct cookie_attributes){ 60, "", true, true, false },
	    "n=v; Max-Age=60; Path=/; HttpOnly; SameSite=None; Secure");
	expect_attributes(
	    (struct cookie_attributes){ 60, "", false, true, false },
	    "n=v; Max-Age=60; Path=/; HttpOnly; SameSite=Lax");
	expect_attributes(
	    (struct cookie_attributes){ 0, "s.example", false, false, false },
	    "n=v; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; "
	    "Domain=s.example");
	expect_attributes(
	    (struct cookie_attributes){ 60, "", false, false, true },
	    "n=v; Max-Age=60; Path=/; SameSite=Lax");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_visitor_comes_back_from_the_cookie),
		cmocka_unit_test(a_changed_cookie_is_not_ours),
		cmocka_unit_test(forged_cookies_are_not_ours),
		cmocka_unit_test(one_cookie_cannot_stand_for_the_other),
		cmocka_unit_test(
		    a_visitor_ends_a_fixed_time_after_the_first_visit),
		cmocka_unit_test(minted_ids_differ),
		cmocka_unit_test(a_visit_comes_back_from_the_cookie),
		cmocka_unit_test(half_an_hour_of_silence_ends_a_visit),
		cmocka_unit_test(
		    a_new_campaign_begins_a_visit_and_its_reload_does_not),
		cmocka_unit_test(
		    a_new_referrer_begins_a_visit_and_its_reload_does_not),
		cmocka_unit_test(
		    the_referrer_that_came_with_a_campaign_is_not_new),
		cmocka_unit_test(campaigns_are_read_from_url_and_statement),
		cmocka_unit_test(only_foreign_hosts_are_referrers),
		cmocka_unit_test(the_host_of_a_url_is_without_user_and_port),
		cmocka_unit_test(cookies_are_as_strict_as_the_request_allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
