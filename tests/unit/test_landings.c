/*
 * test_landings.c - what is remembered of a landing is what classify_hit()
 * says of it, however often it comes and whatever comes between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "aggregator/journey/landings.h"

static char *own_hosts[] = { (char[]){ "shop.example" } };
static const struct site shop = { .hosts = { own_hosts, 1 } };
static const struct site another = { .utm_case = SITE_UTM_KEEP };

static const char *const urls[] = {
	"https://shop.example/a?utm_source=Google&utm_medium=cpc&utm_term=X",
	"https://shop.example/b?utm_source=Google&utm_medium=cpc&utm_term=X",
	"https://shop.example/a?utm_source=Google&utm_medium=cpc&utm_term=y",
	"https://www.shop.example/a?gclid=AbC&utm_id=7",
	"https://shop.example/a?utm_term=only",
	"https://shop.example/a#?utm_source=none",
	"https://other.example/a",
	"https://blog.example/a",
	"/a?fbclid=1",
	"",
};
static const char *const referrers[] = { "", "https://www.google.com/",
	"https://shop.example/a?utm_source=x", "https://blog.example/post/1",
	"android-app://com.google.android.gm/", "not an address" };

enum {
	URLS = sizeof(urls) / sizeof(urls[0]),
	REFERRERS = sizeof(referrers) / sizeof(referrers[0])
};

static void
check(const struct origin *a, const struct origin *b)
{
	const struct str *x[] = { &a->channel, &a->source, &a->medium,
		&a->campaign, &a->term, &a->content, &a->click_id,
		&a->campaign_id, &a->rule };
	const struct str *y[] = { &b->channel, &b->source, &b->medium,
		&b->campaign, &b->term, &b->content, &b->click_id,
		&b->campaign_id, &b->rule };

	assert_int_equal(a->tagged, b->tagged);
	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++)
		assert_true(str_eq(*x[i], *y[i]));
}

/* R as a message of Kafka has it: gone when the next one comes. */
static void
find(struct landings *l, const struct rules *rules, const struct site *site,
    struct record r, struct arena *arena, uint32_t place)
{
	static char url[256], referrer[256];
	struct arena *alone = arena_new(4096);
	struct landing *found;
	struct origin expected;

	classify_hit(rules, site, &r, alone, &expected);
	memcpy(url, r.url.data, r.url.len);
	memcpy(referrer, r.referrer.data, r.referrer.len);
	r.url.data = url;
	r.referrer.data = referrer;
	found = landings_find(l, rules, site, &r, arena);
	check(&found->origin, &expected);
	assert_true(found->place == LANDING_NO_PLACE || found->place == place);
	found->place = place;
	arena_free(alone);
}

static void
each_comes_as_it_is_classified(void **state)
{
	struct buf problems = { NULL, 0, 0 };
	struct rules *rules = rules_load("config/channels.yaml", &problems);
	struct rules *reloaded = rules_load("config/channels.yaml", &problems);
	struct landings *l = landings_new();
	struct arena *arena = arena_new(4096);
	uint32_t batch = 0;

	(void)state;
	assert_non_null(rules);
	assert_non_null(reloaded);
	for (int round = 0; round < 12; round++) {
		const struct rules *now = round % 4 == 3 ? reloaded : rules;

		if (round % 5 == 4) { /* between a batch and the next */
			landings_reset(l);
			arena_reset(arena);
			batch += 1000;
		}
		for (size_t i = 0; i < URLS * REFERRERS; i++) {
			/* The second is another page of the first. */
			size_t u = i / REFERRERS;
			uint32_t link = (uint32_t)(i - (u == 1) * REFERRERS);
			uint32_t place = batch + (now == rules) * 500 + link;
			struct record r = { .url = str_of(urls[u]),
				.referrer = str_of(referrers[i % REFERRERS]) };

			find(l, now, &shop, r, arena, place);
			find(l, now, &another, r, arena, place + 100);
			r.campaign = STR("Said");
			find(l, now, &shop, r, arena, place + 200);
		}
	}
	landings_free(l);
	rules_free(rules);
	rules_free(reloaded);
	arena_free(arena);
	buf_free(&problems);
}

static void
one_that_came_twice_keeps_its_place(void **state)
{
	struct buf problems = { NULL, 0, 0 };
	struct rules *rules = rules_load("config/channels.yaml", &problems);
	struct landings *l = landings_new();
	struct arena *arena = arena_new(4096);
	struct record r = { .url = str_of(urls[0]) };

	(void)state;
	landings_find(l, rules, &shop, &r, arena)->place = 5;
	assert_int_equal(
	    landings_find(l, rules, &shop, &r, arena)->place, LANDING_NO_PLACE);
	landings_find(l, rules, &shop, &r, arena)->place = 6;
	r.url = str_of(urls[1]); /* another page, by the same link */
	assert_int_equal(landings_find(l, rules, &shop, &r, arena)->place, 6);
	landings_reset(l);
	assert_int_equal(
	    landings_find(l, rules, &shop, &r, arena)->place, LANDING_NO_PLACE);
	landings_free(l);
	rules_free(rules);
	arena_free(arena);
	buf_free(&problems);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_comes_as_it_is_classified),
		cmocka_unit_test(one_that_came_twice_keeps_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
