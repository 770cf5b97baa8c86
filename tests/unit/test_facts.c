/* What a hit says: times, touches, goals, conversions, refunds, links. */
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

#define HUMAN "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"
#define GOOGLEBOT                                                              \
	"Mozilla/5.0 (compatible; Googlebot/2.1; "                             \
	"+http://www.google.com/bot.html)"
#define NOW INT64_C(1700000000000)
#define HOUR INT64_C(3600000)

static const char sites_yaml[] =
    "sites:\n"
    "  - id: shop\n"
    "    hosts: [shop.example]\n"
    "    timezone: America/New_York\n"
    "    currency: USD\n"
    "    lookback: 30d\n"
    "    goals:\n"
    "      - {name: sign_up, event: signup, value: 2.5, lookback: 7d}\n"
    "      - {name: thanks, url: /thanks}\n"
    "      - {name: blog, url_prefix: /blog/, count: once_per_visit}\n"
    "      - {name: quote, event: quote_form, value: 40, lookback: 3d}\n"
    "  - id: other\n"
    "    hosts: [other.example]\n"
    "    timezone: UTC\n"
    "    currency: EUR\n";

#include "tests/unit/facts_harness.h"

static int
forget(void **ctx)
{
	(void)ctx;
	facts_reset(facts);
	return 0;
}

/* A hit by LANE of somebody with a browser, in the visit "s". */
static struct record
hit(const char *type, const char *lane)
{
	return (struct record){ .v = 1,
		.event_id = STR("e"),
		.type = str_of(type),
		.site = STR("shop"),
		.lane = str_of(lane),
		.received_at = NOW,
		.time = NOW,
		.visitor_id = STR("v"),
		.session_id = STR("s"),
		.url = STR("https://shop.example/"),
		.user_agent = STR(HUMAN) };
}

static void
add(const struct record *r)
{
	struct error err;

	if (!facts_add(facts, &sites, rules, r, 3, &err))
		fail_msg("refused: %s", err.text);
}

static void
assert_refused(const struct record *r, const char *why)
{
	struct error err;

	assert_false(facts_add(facts, &sites, rules, r, 3, &err));
	assert_int_equal(err.kind, ERROR_REJECT);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
	/* It leaves nothing behind: the record becomes a dead letter, whole. */
	assert_int_equal(facts->hits.count, 0);
	assert_int_equal(facts->refunds.count, 0);
	assert_int_equal(facts->conversions.count, 0);
	assert_int_equal(facts->touches.count, 0);
	assert_int_equal(facts->links.count, 0);
}

static struct conversion_fact *
only_conversion(void)
{
	assert_int_equal(facts->conversions.count, 1);
	return &facts->conversions.at[0];
}

/* --- event time --- */

static int64_t
time_of(const char *lane, int64_t time, int64_t sent_at)
{
	struct record r = hit("page", lane);

	r.time = time;
	r.sent_at = sent_at;
	return facts_event_time_ms(&r) - NOW;
}

static void
a_web_hit_happened_when_it_came_less_its_wait_in_the_browser(void **ctx)
{
	(void)ctx;
	/* The browser's clock is a year ahead: only the difference counts. */
	int64_t wrong = NOW + 365 * DAY_MS;

	assert_int_equal(time_of("browser", wrong, wrong + 5000), -5000);
	assert_int_equal(time_of("pixel", wrong, wrong + 5000), -5000);
	assert_int_equal(time_of("redirect", wrong, wrong + 5000), -5000);
	assert_int_equal(time_of("browser", wrong, wrong), 0);
}

static void
a_wait_of_five_days_is_the_longest_believed(void **ctx)
{
	(void)ctx;
	assert_int_equal(
	    time_of("browser", NOW, NOW + 5 * DAY_MS), -5 * DAY_MS);
	assert_int_equal(time_of("browser", NOW, NOW + 5 * DAY_MS + 1), 0);
}

static void
a_web_hit_is_never_later_than_its_arrival(void **ctx)
{
	(void)ctx;
	assert_int_equal(time_of("browser", NOW + 1000, NOW), 0);
	assert_int_equal(time_of("browser", NOW + HOUR, 0), 0);
	assert_int_equal(time_of("browser", 0, NOW + HOUR), 0);
}

static void
server_and_import_events_carry_their_own_time(void **ctx)
{
	(void)ctx;
	assert_int_equal(time_of("server", NOW - 40 * DAY_MS, 0), -40 * DAY_MS);
	assert_int_equal(time_of("import", NOW - DAY_MS, NOW), -DAY_MS);
	assert_int_equal(time_of("server", 0, 0), 0);
}

/* --- touches --- */

static void
a_tagged_hit_is_a_candidate_in_its_visit(void **ctx)
{
	struct record r = hit("page", "browser");
	struct touch_fact *t;

	(void)ctx;
	r.url = STR("https://shop.example/?utm_source=News&utm_medium=email"
		    "&utm_campaign=May");
	r.session_start = NOW - HOUR;
	add(&r);
	assert_int_equal(facts->touches.count, 1);
	t = &facts->touches.at[0];
	assert_true(t->in_visit);
	assert_true(t->origin->tagged);
	assert_int_not_equal(t->signature, 0);
	assert_int_equal(t->session_start_ms, NOW - HOUR);
	assert_true(str_is(t->origin->source, "news"));
	assert_true(str_is(t->origin->campaign, "may"));
	assert_int_equal(t->partition, 3);
}

static void
an_untagged_hit_is_a_candidate_only_in_a_visit(void **ctx)
{
	struct record r = hit("page", "browser");

	(void)ctx;
	add(&r);
	assert_int_equal(facts->touches.count, 1);
	assert_int_equal(facts->touches.at[0].signature, 0);
	assert_true(str_is(facts->touches.at[0].origin->source, "(direct)"));
	facts_reset(facts);
	r.session_id = STR_EMPTY;
	add(&r);
	assert_int_equal(facts->touches.count, 0);
}

static void
a_tagged_hit_without_a_session_is_a_touch_of_no_visit(void **ctx)
{
	struct record r = hit("page", "server");

	(void)ctx;
	r.session_id = STR_EMPTY;
	r.source = STR("radio");
	add(&r);
	assert_int_equal(facts->touches.count, 1);
	assert_false(facts->touches.at[0].in_visit);
}

static void
a_hit_without_a_visitor_is_nobodys_touch(void **ctx)
{
	struct record r = hit("page", "server");

	(void)ctx;
	r.visitor_id = STR_EMPTY;
	r.source = STR("radio");
	add(&r);
	assert_int_equal(facts->touches.count, 0);
}

static void
two_click_ids_are_two_origins(void **ctx)
{
	struct record r = hit("page", "browser");

	(void)ctx;
	r.url = STR("https://shop.example/?gclid=Abc");
	add(&r);
	r.url = STR("https://shop.example/?gclid=abc");
	add(&r);
	assert_int_equal(facts->touches.count, 2);
	assert_int_not_equal(
	    facts->touches.at[0].signature, facts->touches.at[1].signature);
	assert_true(str_is(facts->touches.at[0].origin->click_id, "gclid=Abc"));
}

static void
visitors_and_users_of_two_sites_or_kinds_are_never_one(void **ctx)
{
	struct hash128 keys[] = { facts_visitor_key(STR("a"), STR("bc")),
		facts_visitor_key(STR("ab"), STR("c")),
		facts_user_key(STR("a"), STR("bc")),
		facts_visitor_key(STR("b"), STR("bc")) };

	(void)ctx;
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < i; j++)
			assert_true(keys[i].hi != keys[j].hi ||
				    keys[i].lo != keys[j].lo);
	}
}

/* --- conversions --- */

static void
a_stated_conversion_is_a_purchase_unless_it_names_a_goal(void **ctx)
{
	struct record r = hit("conversion", "server");
	struct conversion_fact *c;

	(void)ctx;
	r.value = STR("12.345678");
	r.order_id = STR("o-1");
	r.click_id = STR("GCLID=Ab-C");
	add(&r);
	c = only_conversion();
	assert_true(str_is(c->click_id, "gclid=Ab-C"));
	assert_true(str_is(c->goal, "purchase"));
	assert_true(c->purchase);
	assert_int_equal(c->value_micros, 12345678);
	assert_true(str_is(c->currency, "USD"));
	assert_true(str_is(c->order_id, "o-1"));
	assert_true(str_is(c->dedup_key, "o-1"));
	assert_int_equal(c->lookback_ms, 30 * DAY_MS);
	facts_reset(facts);
	r.goal = STR("newsletter");
	r.order_id = STR_EMPTY;
	add(&r);
	c = only_conversion();
	assert_true(str_is(c->goal, "newsletter"));
	assert_false(c->purchase);
	assert_int_equal(c->dedup_key.len, 0);
}

static void
a_stated_goal_of_the_site_brings_its_value_and_look_back(void **ctx)
{
	struct record r = hit("conversion", "server");

	(void)ctx;
	r.goal = STR("sign_up");
	add(&r);
	assert_int_equal(only_conversion()->value_micros, 2500000);
	assert_int_equal(only_conversion()->lookback_ms, 7 * DAY_MS);
	facts_reset(facts);
	r.value = STR("0");
	add(&r);
	assert_int_equal(only_conversion()->value_micros, 0);
}

static void
only_signed_lanes_are_verified(void **ctx)
{
	static const struct {
		const char *lane;
		bool verified;
	} lanes[] = { { "browser", false }, { "pixel", false },
		{ "redirect", false }, { "server", true }, { "import", true } };

	(void)ctx;
	for (size_t i = 0; i < 5; i++) {
		struct record r = hit("conversion", lanes[i].lane);

		facts_reset(facts);
		add(&r);
		assert_int_equal(
		    only_conversion()->verified, lanes[i].verified);
	}
}

static void
a_conversion_of_nobody_is_a_customer_of_its_own(void **ctx)
{
	struct record r = hit("conversion", "server");
	struct hash128 first;

	(void)ctx;
	r.visitor_id = STR_EMPTY;
	add(&r);
	assert_true(only_conversion()->has_visitor);
	assert_false(only_conversion()->has_user);
	first = only_conversion()->visitor;
	facts_reset(facts);
	r.event_id = STR("f");
	add(&r);
	assert_true(only_conversion()->visitor.lo != first.lo);
}

static void
an_event_meets_the_goal_of_its_name(void **ctx)
{
	struct record r = hit("event", "browser");
	struct conversion_fact *c;

	(void)ctx;
	r.name = STR("quote_form");
	r.value = STR("7"); /* a rule's conversion has the rule's value */
	add(&r);
	c = only_conversion();
	assert_true(str_is(c->goal, "quote"));
	assert_true(str_is(c->event_id, "e#quote"));
	assert_int_equal(c->value_micros, 40000000);
	assert_int_equal(c->lookback_ms, 3 * DAY_MS);
	assert_false(c->purchase);
	facts_reset(facts);
	r.name = STR("quote_form_opened");
	add(&r);
	assert_int_equal(facts->conversions.count, 0);
	r.type = STR("page");
	r.name = STR("quote_form");
	add(&r);
	assert_int_equal(facts->conversions.count, 0);
}

static size_t
goals_met_by(const char *url)
{
	struct record r = hit("page", "browser");

	facts_reset(facts);
	r.url = str_of(url);
	add(&r);
	return facts->conversions.count;
}

static void
a_page_meets_a_goal_by_its_path_alone(void **ctx)
{
	(void)ctx;
	assert_int_equal(goals_met_by("https://shop.example/thanks"), 1);
	assert_int_equal(goals_met_by("https://shop.example/thanks?a=/b#c"), 1);
	assert_int_equal(goals_met_by("/thanks"), 1);
	assert_int_equal(goals_met_by("https://shop.example/thanks/"), 0);
	assert_int_equal(goals_met_by("https://shop.example/a?u=/thanks"), 0);
	assert_int_equal(goals_met_by("https://shop.example/blog/1"), 1);
	assert_int_equal(goals_met_by("https://shop.example/blog"), 0);
	assert_int_equal(goals_met_by("https://shop.example"), 0);
}

static void
a_goal_once_per_visit_has_one_key_for_the_visit(void **ctx)
{
	struct record r = hit("page", "browser");
	struct conversion_fact *c;

	(void)ctx;
	r.url = STR("https://shop.example/blog/1");
	add(&r);
	r.event_id = STR("f");
	r.url = STR("https://shop.example/blog/2");
	add(&r);
	r.event_id = STR("g");
	r.session_id = STR("another");
	add(&r);
	r.event_id = STR("h");
	r.session_id = STR_EMPTY;
	add(&r);
	r.event_id = STR("i");
	r.session_id = STR("s");
	r.visitor_id = STR("w");
	add(&r);
	assert_int_equal(facts->conversions.count, 5);
	c = facts->conversions.at;
	assert_true(c[0].dedup_key.len > 0);
	assert_true(str_eq(c[0].dedup_key, c[1].dedup_key));
	assert_false(str_eq(c[0].dedup_key, c[2].dedup_key));
	assert_int_equal(c[3].dedup_key.len, 0); /* no visit: each counts */
	assert_int_equal(c[0].order_id.len, 0);
	/* Somebody else's visit of that name is another visit. */
	assert_false(str_eq(c[0].dedup_key, c[4].dedup_key));
}

static void
a_user_id_beside_a_visitor_id_is_a_link(void **ctx)
{
	struct record r = hit("identify", "browser");
	struct hash128 user = facts_user_key(STR("shop"), STR("u"));

	(void)ctx;
	add(&r);
	assert_int_equal(facts->links.count, 0);
	r.user_id = STR("u");
	add(&r);
	assert_int_equal(facts->links.count, 1);
	assert_true(facts->links.at[0].user.lo == user.lo);
	assert_int_equal(facts->links.at[0].ts_ms, NOW);
	r.visitor_id = STR_EMPTY;
	add(&r);
	assert_int_equal(facts->links.count, 1);
}

/* --- refunds --- */

static struct record
refund(void)
{
	struct record r = hit("refund", "server");

	r.order_id = STR("o-1");
	r.value = STR("5");
	return r;
}

static void
a_refund_is_its_own_fact(void **ctx)
{
	struct record r = refund();

	(void)ctx;
	add(&r);
	assert_int_equal(facts->refunds.count, 1);
	assert_true(str_is(facts->refunds.at[0].refund_id, "e"));
	assert_int_equal(facts->refunds.at[0].value_micros, 5000000);
	assert_true(str_is(facts->refunds.at[0].currency, "USD"));
	assert_int_equal(facts->conversions.count, 0);
	assert_int_equal(facts->touches.count, 0);
	r.refund_id = STR("r-9");
	add(&r);
	assert_true(str_is(facts->refunds.at[1].refund_id, "r-9"));
}

static void
a_refund_of_nothing_is_refused(void **ctx)
{
	struct record r = refund();

	(void)ctx;
	r.value = STR_EMPTY;
	assert_refused(&r, "a refund of nothing");
	r.value = STR("0.000000");
	assert_refused(&r, "a refund of nothing");
	r = refund();
	r.order_id = STR_EMPTY;
	assert_refused(&r, "without order_id");
	r = refund();
	r.currency = STR("eu");
	assert_refused(&r, "no code of ISO 4217");
	r = refund();
	r.time = r.received_at + 365 * DAY_MS;
	assert_refused(&r, "ahead of received_at");
	r.time = INT64_C(1) << 53;
	assert_refused(&r, "not between 1970");
}

/* --- what is of no use --- */

static void
an_amount_that_is_none_is_refused(void **ctx)
{
	static const char *const bad[] = { "-1", "NaN", "1e3", "1,5",
		"0.1234567", "99999999999999999999", "+1", " 1" };

	(void)ctx;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct record r = hit("conversion", "server");

		r.value = str_of(bad[i]);
		assert_refused(&r, "is no amount");
		r.type = STR("refund");
		r.order_id = STR("o");
		assert_refused(&r, "is no amount");
	}
}

static void
an_unknown_site_is_refused(void **ctx)
{
	struct record r = hit("page", "browser");

	(void)ctx;
	r.site = STR("SHOP");
	assert_refused(&r, "site \"SHOP\"");
}

static void
a_record_without_its_first_facts_is_refused(void **ctx)
{
	struct record r = hit("page", "browser");

	(void)ctx;
	r.event_id = STR_EMPTY;
	assert_refused(&r, "event_id");
	r = hit("", "browser");
	assert_refused(&r, "type");
	r = hit("page", "browser");
	r.received_at = 0;
	assert_refused(&r, "received_at");
}

static void
a_bot_is_counted_apart_and_does_nothing_else(void **ctx)
{
	struct record r = hit("conversion", "browser");

	(void)ctx;
	r.user_agent = STR(GOOGLEBOT);
	r.user_id = STR("u");
	r.url = STR("https://shop.example/?gclid=x");
	add(&r);
	assert_int_equal(facts->touches.count, 0);
	assert_int_equal(facts->conversions.count, 0);
	assert_int_equal(facts->links.count, 0);
	assert_int_equal(facts->hits.count, 1);
	assert_true(facts->hits.at[0].bot.len > 0);
	r.user_agent = STR_EMPTY;
	add(&r);
	assert_int_equal(facts->conversions.count, 0);
	/* A shop's own server names no browser. */
	r.lane = STR("server");
	add(&r);
	assert_int_equal(facts->conversions.count, 1);
}

static void
a_consent_hit_says_nothing_but_that_it_came(void **ctx)
{
	struct record r = hit("consent", "browser");

	(void)ctx;
	r.url = STR("https://shop.example/thanks?gclid=x");
	add(&r);
	assert_int_equal(facts->hits.count, 1);
	assert_int_equal(facts->touches.count, 0);
	assert_int_equal(facts->conversions.count, 0);
}

static void
hits_are_counted_by_the_sites_day_type_lane_and_bot(void **ctx)
{
	/* 02:00 UTC is the evening before in New York. */
	int64_t night = NOW / DAY_MS * DAY_MS + 2 * HOUR;
	struct record r = hit("page", "server");

	(void)ctx;
	r.time = night;
	add(&r);
	add(&r);
	r.time = night + 10 * HOUR;
	add(&r);
	r.site = STR("other");
	r.time = night;
	add(&r);
	assert_int_equal(facts->hits.count, 3);
	assert_int_equal(facts->hits.at[0].hits, 2);
	assert_int_equal(facts->hits.at[0].day, NOW / DAY_MS - 1);
	assert_int_equal(facts->hits.at[1].day, NOW / DAY_MS);
	assert_int_equal(facts->hits.at[2].day, NOW / DAY_MS);
}

static void
facts_outlive_their_record(void **ctx)
{
	char url[] = "https://shop.example/?utm_source=news&gclid=Q";
	char event_id[] = "event", order[] = "o-1";
	struct record r = hit("conversion", "server");

	(void)ctx;
	r.url = str_of(url);
	r.event_id = str_of(event_id);
	r.order_id = str_of(order);
	add(&r);
	facts_add_dead(facts, 3, 9, str_of(order), str_of(url));
	memset(url, 'x', sizeof(url) - 1);
	memset(event_id, 'x', sizeof(event_id) - 1);
	memset(order, 'x', sizeof(order) - 1);
	assert_true(str_is(only_conversion()->order_id, "o-1"));
	assert_true(str_is(only_conversion()->event_id, "event"));
	assert_true(str_is(facts->touches.at[0].event_id, "event"));
	assert_true(str_is(facts->touches.at[0].origin->source, "news"));
	assert_true(str_is(facts->touches.at[0].origin->click_id, "gclid=Q"));
	assert_true(str_is(facts->dead.at[0].reason, "o-1"));
	assert_int_equal(facts->dead.at[0].offset, 9);
}

/* PostgreSQL takes a row of a site and day once in a statement. */
static void
a_site_that_is_read_again_within_a_batch_is_one(void **ctx)
{
	struct record r = hit("page", "browser");
	struct buf problems = { NULL, 0, 0 };
	struct sites again;
	struct error err;

	(void)ctx;
	assert_true(sites_of_text(sites_yaml, &again, arena, &problems));
	add(&r);
	assert_true(facts_add(facts, &again, rules, &r, 3, &err));
	assert_int_equal(facts->quality.count, 1);
	sites_close(&again);
	buf_free(&problems);
}

#define TEST(name) cmocka_unit_test_setup(name, forget)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    a_web_hit_happened_when_it_came_less_its_wait_in_the_browser),
		TEST(a_wait_of_five_days_is_the_longest_believed),
		TEST(a_web_hit_is_never_later_than_its_arrival),
		TEST(server_and_import_events_carry_their_own_time),
		TEST(a_tagged_hit_is_a_candidate_in_its_visit),
		TEST(an_untagged_hit_is_a_candidate_only_in_a_visit),
		TEST(a_tagged_hit_without_a_session_is_a_touch_of_no_visit),
		TEST(a_hit_without_a_visitor_is_nobodys_touch),
		TEST(two_click_ids_are_two_origins),
		TEST(visitors_and_users_of_two_sites_or_kinds_are_never_one),
		TEST(a_stated_conversion_is_a_purchase_unless_it_names_a_goal),
		TEST(a_stated_goal_of_the_site_brings_its_value_and_look_back),
		TEST(only_signed_lanes_are_verified),
		TEST(a_conversion_of_nobody_is_a_customer_of_its_own),
		TEST(an_event_meets_the_goal_of_its_name),
		TEST(a_page_meets_a_goal_by_its_path_alone),
		TEST(a_goal_once_per_visit_has_one_key_for_the_visit),
		TEST(a_user_id_beside_a_visitor_id_is_a_link),
		TEST(a_refund_is_its_own_fact),
		TEST(a_refund_of_nothing_is_refused),
		TEST(an_amount_that_is_none_is_refused),
		TEST(an_unknown_site_is_refused),
		TEST(a_record_without_its_first_facts_is_refused),
		TEST(a_bot_is_counted_apart_and_does_nothing_else),
		TEST(a_consent_hit_says_nothing_but_that_it_came),
		TEST(hits_are_counted_by_the_sites_day_type_lane_and_bot),
		TEST(facts_outlive_their_record),
		TEST(a_site_that_is_read_again_within_a_batch_is_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
