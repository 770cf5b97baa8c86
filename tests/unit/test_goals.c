/* Goals by rule: what meets them, how often they count, what denial leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "aggregator/journey/facts.h"
#include "tests/unit/sites_text.h"

#define NOW INT64_C(1700000000000)
#define HEAD                                                                   \
	"sites:\n  - id: shop\n    hosts: [shop.example]\n"                    \
	"    timezone: UTC\n    currency: USD\n    goals:\n      - {name: g, "

static struct arena *arena;
static struct sites sites;
static struct rules *rules;
static struct facts *facts;

/* The site has one goal by RULE. False when it is refused. */
static bool
configure(const char *rule)
{
	char text[512];
	struct buf problems = { 0 };
	bool ok;

	snprintf(text, sizeof(text), HEAD "%s}\n", rule);
	sites_close(&sites); /* of the configuration before */
	ok = sites_of_text(text, &sites, arena, &problems);
	if (ok)
		ok = rules_add_goals(rules, &sites, &problems);
	assert_true(ok || problems.len > 0);
	buf_free(&problems);
	return ok;
}

static int
set_up(void **ctx)
{
	struct buf problems = { 0 };

	(void)ctx;
	arena = arena_new(1 << 14);
	rules = rules_load("config/channels.yaml", &problems);
	buf_free(&problems);
	facts = facts_new();
	return rules == NULL;
}

static int
tear_down(void **ctx)
{
	(void)ctx;
	facts_free(facts);
	rules_free(rules);
	sites_close(&sites);
	sites = (struct sites){ 0 };
	arena_free(arena);
	return 0;
}

static struct record
hit(const char *type)
{
	return (struct record){ .event_id = STR("e"),
		.type = str_of(type),
		.site = STR("shop"),
		.lane = STR("browser"),
		.received_at = NOW,
		.visitor_id = STR("v"),
		.session_id = STR("s"),
		.user_agent = STR("Mozilla/5.0 (X11; Linux x86_64) "
				  "AppleWebKit/537.36 (KHTML, like Gecko) "
				  "Chrome/140.0.0.0 Safari/537.36"),
		.url = STR("https://shop.example/a/thanks?step=3#part"),
		.title = STR("Thank you - Shop") };
}

static size_t
met_by(const struct record *r)
{
	struct error err;

	facts_reset(facts);
	assert_true(facts_add(facts, &sites, rules, r, 0, &err));
	return facts->conversions.count;
}

static size_t
page_meets(const char *rule)
{
	struct record r = hit("page");

	assert_true(configure(rule));
	return met_by(&r);
}

static void
a_page_is_judged_by_expression_and_title(void **ctx)
{
	(void)ctx;
	assert_int_equal(
	    page_meets("url_regex: '^/[a-z]+/thanks\\?step=3$'"), 1);
	assert_int_equal(page_meets("url_regex: '/thanks$'"), 0);
	assert_int_equal(page_meets("url_regex: '#part'"), 0);
	assert_int_equal(page_meets("url_regex: 'shop.example'"), 0);
	assert_int_equal(page_meets("title: Thank you"), 1);
	assert_int_equal(page_meets("title: thank you"), 0);
	assert_false(configure("url_regex: '(a'"));
}

static void
what_the_page_sees_counts_for_the_goal_it_names(void **ctx)
{
	static const char *const goals[] = { "form: '#f'", "download: pdf",
		"outbound: '*'", "time_on_site: 60s", "scroll: 75" };
	struct record r = hit("event"), page = hit("page");

	(void)ctx;
	r.name = STR("form");
	for (size_t i = 0; i < sizeof(goals) / sizeof(goals[0]); i++) {
		assert_true(configure(goals[i]));
		r.goal = STR("g");
		assert_int_equal(met_by(&r), 1);
		r.goal = STR("other");
		assert_int_equal(met_by(&r), 0);
		page.goal = STR("g");
		assert_int_equal(met_by(&page), 0);
	}
	/* Naming a goal does not reach one that has another rule. */
	assert_true(configure("event: signup"));
	r.goal = STR("g");
	assert_int_equal(met_by(&r), 0);
}

static void
once_is_once_for_a_visitor_in_all_visits(void **ctx)
{
	struct record r = hit("page");
	struct str first;

	(void)ctx;
	assert_true(configure("title: Thank, count: once"));
	assert_int_equal(met_by(&r), 1);
	first = arena_str(arena, facts->conversions.at[0].dedup_key);
	assert_true(first.len > 0);
	r.session_id = STR("t");
	r.event_id = STR("f");
	assert_int_equal(met_by(&r), 1);
	assert_true(str_eq(facts->conversions.at[0].dedup_key, first));
	r.visitor_id = STR("w");
	assert_int_equal(met_by(&r), 1);
	assert_false(str_eq(facts->conversions.at[0].dedup_key, first));
}

/* Campaign counters are all that is left: a touch, and nobody's. */
static void
a_denied_hit_counts_for_its_campaign_only(void **ctx)
{
	struct record r = hit("page");

	(void)ctx;
	assert_true(configure("event: e"));
	r.visitor_id = r.session_id = r.user_agent = STR_EMPTY;
	r.user_agent = STR_EMPTY;
	r.consent = STR("dddd");
	r.url = STR("https://shop.example/?utm_source=n&utm_medium=email");
	assert_int_equal(met_by(&r), 0);
	assert_int_equal(facts->touches.count, 1);
	assert_true(str_is(facts->touches.at[0].origin->source, "n"));
	assert_false(facts->touches.at[0].in_visit);
	r.url = STR("https://shop.example/");
	assert_int_equal(met_by(&r), 0);
	assert_int_equal(facts->touches.count, 0);
	r.consent = STR("uuuu");
	r.url = STR("https://shop.example/?utm_source=n&utm_medium=email");
	assert_int_equal(met_by(&r), 0);
	assert_int_equal(facts->touches.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_page_is_judged_by_expression_and_title),
		TEST(what_the_page_sees_counts_for_the_goal_it_names),
		TEST(once_is_once_for_a_visitor_in_all_visits),
		TEST(a_denied_hit_counts_for_its_campaign_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
