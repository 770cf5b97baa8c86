/*
 * test_site.c - sites.yaml: what is refused and where, and how a site is
 * found.
 */
#include "common/site.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena *arena;
static struct buf problems;
static struct sites sites;
static char path[32];

static int
setup(void **state)
{
	int fd;

	(void)state;
	arena = arena_new(65536);
	problems = (struct buf){ 0 };
	snprintf(path, sizeof(path), "/tmp/test_site.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	buf_free(&problems);
	arena_free(arena);
	return 0;
}

static bool
load(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	problems.len = 0;
	return sites_load(path, &sites, arena, &problems);
}

/* EXPECTED is what stands behind the file's name in the only line. */
static void
check_bad(const char *text, const char *expected)
{
	assert_false(load(text));
	assert_string_equal(buf_text(&problems) + strlen(path) + 1, expected);
}

#define SITE "sites:\n- {id: a, timezone: UTC, currency: EUR,\n   "

static void
a_site_has_defaults(void **state)
{
	const struct site *site;

	(void)state;
	assert_true(
	    load("sites: [{id: a, timezone: Europe/Berlin, currency: EUR}]"));
	site = sites_find(&sites, STR("a"));
	assert_non_null(site);
	assert_int_equal(site->margin_micros, 1000000);
	assert_int_equal(site->lookback_ms, 30 * DAY_MS);
	assert_int_equal(site->browser_value_cap, 0);
	assert_int_equal(site->cookies, SITE_COOKIES_ON);
	assert_string_equal(site->cookie_domain, "");
	assert_int_equal(site->hosts.count, 0);
	assert_int_equal(site->goals.count, 0);
	assert_int_equal(zone_offset_s(site->zone, 0), 3600);
	sites_close(&sites);
	sites_close(&sites);
}

static void
all_settings_are_read(void **state)
{
	const struct site *site;
	const struct goal *goal;

	(void)state;
	assert_true(load(SITE "hosts: [a.example, '[::1]'], lookback: 400d,\n"
			      "origins: ['https://a.example:8443'],\n"
			      "margin: 0.4, api_keys: [k1, k2], cookies: off,\n"
			      "browser_value_cap: 500, "
			      "cookie_domain: a.example,\n"
			      "goals: [{name: lead, event: e, value: 2.5,\n"
			      "lookback: 1h, count: once_per_visit},\n"
			      "{name: p, url_prefix: /p/}]}\n"));
	site = sites_find(&sites, STR("a"));
	assert_int_equal(site->margin_micros, 400000);
	assert_int_equal(site->lookback_ms, 400 * DAY_MS);
	assert_int_equal(site->browser_value_cap, 500000000);
	assert_int_equal(site->cookies, SITE_COOKIES_OFF);
	assert_string_equal(site->api_keys.at[1], "k2");
	assert_string_equal(site->origins.at[0], "https://a.example:8443");
	assert_int_equal(site->goals.count, 2);
	goal = site->goals.at;
	assert_string_equal(goal[0].event, "e");
	assert_int_equal(goal[0].value_micros, 2500000);
	assert_int_equal(goal[0].lookback_ms, 3600000);
	assert_int_equal(goal[0].count, GOAL_ONCE_PER_VISIT);
	assert_int_equal(goal[1].count, GOAL_EVERY);
	assert_string_equal(goal[1].url_prefix, "/p/");
	sites_close(&sites);
}

static void
a_foreign_name_leads_to_one_site_only(void **state)
{
	(void)state;
	assert_true(load(
	    SITE "compatible: {matomo_ids: [1, 2], segment_keys: [k]}}\n"));
	assert_string_equal(
	    sites_by_name(&sites, COMPATIBLE_MATOMO, STR("2"))->id, "a");
	assert_string_equal(
	    sites_by_name(&sites, COMPATIBLE_SEGMENT, STR("k"))->id, "a");
	assert_null(sites_by_name(&sites, COMPATIBLE_GA4, STR("2")));
	sites_close(&sites);
	assert_false(load(
	    "sites:\n"
	    "- {id: a, timezone: UTC, currency: EUR,\n"
	    "   compatible: {ga4_ids: [G-1]}}\n"
	    "- {id: b, timezone: UTC, currency: EUR,\n"
	    "   compatible: {ga4_ids: [G-2, G-1], matomo_tokens: [short]}}\n"));
}

static void
sites_are_found_by_id_and_host(void **state)
{
	(void)state;
	assert_true(
	    load("sites:\n"
		 "- {id: c, timezone: UTC, currency: EUR, hosts: [c.example]}\n"
		 "- {id: a, timezone: UTC, currency: EUR, hosts: ['[::1]']}\n"
		 "- {id: b, timezone: UTC, currency: EUR, hosts: [x, b.y]}\n"));
	assert_string_equal(sites_find(&sites, STR("a"))->id, "a");
	assert_string_equal(sites_find(&sites, STR("b"))->id, "b");
	assert_string_equal(sites_find(&sites, STR("c"))->id, "c");
	assert_null(sites_find(&sites, STR("d")));
	assert_null(sites_find(&sites, STR_EMPTY));
	assert_string_equal(
	    sites_by_host(&sites, STR("C.Example:443"))->id, "c");
	assert_string_equal(sites_by_host(&sites, STR("b.y"))->id, "b");
	assert_string_equal(sites_by_host(&sites, STR("[::1]:80"))->id, "a");
	assert_string_equal(sites_by_host(&sites, STR("[::1]"))->id, "a");
	assert_null(sites_by_host(&sites, STR("example")));
	assert_null(sites_by_host(&sites, STR("[")));
	assert_null(sites_by_host(&sites, STR_EMPTY));
	sites_close(&sites);
}

static void
ids_are_well_formed_and_unique(void **state)
{
	static const char *const bad[] = { "\"\"", "A", "-a", "_a", "a.b",
		"a b", "\xc3\xa9",
		"a2345678901234567890123456789012345678901234567890123456789"
		"012345" };
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text),
		    "sites: [{timezone: UTC, currency: EUR, id: %s}]", bad[i]);
		check_bad(text,
		    "1:44: sites[0].id: must be 1 to 64 of a-z, 0-9, _ and -, "
		    "a letter or digit first\n");
	}
	check_bad("sites:\n- {id: a, timezone: UTC, currency: EUR}\n"
		  "- {id: a, timezone: UTC, currency: EUR}\n",
	    "3:8: sites[1].id: site [0] has the id \"a\" already\n");
}

static void
hosts_are_lower_case_and_have_one_owner(void **state)
{
	(void)state;
	check_bad(SITE "hosts: [a.example, B.example]}",
	    "3:23: sites[0].hosts[1]: must be a host name in lower case, "
	    "without scheme, port or path\n");
	check_bad(SITE "hosts: ['x:80']}",
	    "3:12: sites[0].hosts[0]: must be a host name in lower case, "
	    "without scheme, port or path\n");
	check_bad(SITE "hosts: ['[']}",
	    "3:12: sites[0].hosts[0]: must be a host name in lower case, "
	    "without scheme, port or path\n");
	check_bad(SITE "hosts: [x, y]}\n"
		       "- {id: b, timezone: UTC, currency: EUR, hosts: [y]}\n",
	    "4:49: sites[1].hosts[0]: the host \"y\" belongs to the site "
	    "\"a\" already\n");
	check_bad(SITE "origins: ['https://a.example/']}",
	    "3:14: sites[0].origins[0]: must be an origin in lower case such "
	    "as https://www.example.com, without a path\n");
}

static void
zone_currency_and_ranges_are_checked(void **state)
{
	(void)state;
	assert_false(
	    load("sites: [{id: a, timezone: Mars/Base, currency: X}]"));
	assert_non_null(
	    strstr(buf_text(&problems), ":1:27: sites[0].timezone: "));
	assert_non_null(strstr(buf_text(&problems),
	    ":1:48: sites[0].currency: must be three upper-case letters"));
	check_bad(SITE "margin: 1.1}",
	    "3:12: sites[0].margin: \"1.1\" is out of range: 0 to 1\n");
	check_bad(SITE "lookback: 401d}",
	    "3:14: sites[0].lookback: \"401d\" is out of range: 1h to 400d\n");
	check_bad(SITE "api_keys: ['']}",
	    "3:15: sites[0].api_keys[0]: must not be empty\n");
	check_bad(SITE "cookie_domain: .A}",
	    "3:19: sites[0].cookie_domain: must be a host name in lower "
	    "case\n");
	check_bad("sites: []", "1:8: sites: needs at least one site\n");
	check_bad("", "1:1: sites: missing: the sites that are measured\n");
}

#define ONE_RULE                                                               \
	"3:12: sites[0].goals[0]: needs exactly one of event, url, "           \
	"url_prefix, url_regex, title, form, download, outbound, "             \
	"time_on_site and scroll\n"

static void
a_goal_has_one_rule(void **state)
{
	(void)state;
	check_bad(SITE "goals: [{name: g}]}", ONE_RULE);
	check_bad(SITE "goals: [{name: g, event: e, url: /u}]}", ONE_RULE);
	check_bad(SITE "goals: [{name: g, url: u}]}",
	    "3:27: sites[0].goals[0].url: must be a path that begins with /, "
	    "without the host\n");
	check_bad(SITE "goals: [{name: g, url: /u, lookback: 5m}]}",
	    "3:41: sites[0].goals[0].lookback: must be 0 (the site's) or 1h "
	    "to 400d\n");
	check_bad(SITE "goals: [{name: g, url: /u},\n{name: g, event: e}]}",
	    "4:8: sites[0].goals[1].name: goal [0] of this site has this "
	    "name\n");
	check_bad(SITE "goals: [{name: '', url: /u}]}",
	    "3:19: sites[0].goals[0].name: must have 1 to 100 bytes\n");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_site_has_defaults),
		TEST(all_settings_are_read),
		TEST(a_foreign_name_leads_to_one_site_only),
		TEST(sites_are_found_by_id_and_host),
		TEST(ids_are_well_formed_and_unique),
		TEST(hosts_are_lower_case_and_have_one_owner),
		TEST(zone_currency_and_ranges_are_checked),
		TEST(a_goal_has_one_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
