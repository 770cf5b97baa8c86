/*
 * bench_classify.c - what it costs to say where a hit comes from and whether
 * a person sent it. One thread; nanoseconds a hit, the best of
 * five runs.
 */
#include <math.h>
#include <stdio.h>

#include "aggregator/journey/classify.h"
#include "common/clock.h"

#define ROUNDS 400000
#define RUNS 5

static char *own_hosts[] = { (char[]){ "shop.example" } };
static const struct site site = { .hosts = { own_hosts, 1 } };

static void
time_origin(const struct rules *rules, struct arena *arena, const char *what,
    struct str url, struct str referrer, int rounds)
{
	struct record r = { .url = url, .referrer = referrer };
	struct origin o;
	double best = 1e9;

	for (int run = 0; run < RUNS; run++) {
		int64_t start = clock_mono_ns();

		for (int i = 0; i < rounds; i++) {
			classify_hit(rules, &site, &r, arena, &o);
			arena_reset(arena);
		}
		best = fmin(best, (double)(clock_mono_ns() - start) / rounds);
	}
	printf("%-20s %8.1f ns  %.*s\n", what, best, STR_ARG(o.channel));
}

static void
time_bot(
    const struct rules *rules, const char *what, struct str agent, int rounds)
{
	struct record r = { .user_agent = agent };
	struct str rule = STR_EMPTY;
	double best = 1e9;

	for (int run = 0; run < RUNS; run++) {
		int64_t start = clock_mono_ns();

		for (int i = 0; i < rounds; i++)
			rule = classify_bot(rules, &r);
		best = fmin(best, (double)(clock_mono_ns() - start) / rounds);
	}
	printf("%-20s %8.1f ns  %.*s\n", what, best, STR_ARG(rule));
}

int
main(void)
{
	struct buf problems = { NULL, 0, 0 };
	struct rules *rules = rules_load("config/channels.yaml", &problems);
	struct arena *arena = arena_new(4096);
	struct str page =
	    STR("https://shop.example/kettles/red?color=red&size=4&page=2");

	if (rules == NULL) {
		fprintf(stderr, "%s", buf_text(&problems));
		return 1;
	}
	time_origin(rules, arena, "no referrer", page, STR_EMPTY, ROUNDS);
	time_origin(rules, arena, "own referrer", page,
	    STR("https://shop.example/kettles?page=1"), ROUNDS);
	time_origin(rules, arena, "search referrer", page,
	    STR("https://www.google.co.uk/"), ROUNDS / 8);
	time_origin(rules, arena, "another site", page,
	    STR("https://a.blog.example/post/1"), ROUNDS / 8);
	time_origin(rules, arena, "utm",
	    STR("https://shop.example/?utm_source=google&utm_medium=cpc&"
		"utm_campaign=Spring+Sale"),
	    STR_EMPTY, ROUNDS / 8);
	time_bot(rules, "a person's agent",
	    STR("Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) "
		"AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 "
		"Mobile/15E148 Safari/604.1"),
	    ROUNDS);
	time_bot(rules, "a bot's agent",
	    STR("Mozilla/5.0 (compatible; Googlebot/2.1; "
		"+http://www.google.com/bot.html)"),
	    ROUNDS);
	rules_free(rules);
	arena_free(arena);
	buf_free(&problems);
	return 0;
}
