/*
 * Bots are known, people are not: the sample agents of crawler-user-agents
 * (tests/data/bots_instances.txt.gz, made by tools/make-bots) and real
 * browsers (tests/data/browsers.txt).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <zlib.h>

#include "aggregator/journey/bots.h"
#include "aggregator/journey/tables.h"
#include "common/clock.h"

static struct bots *bots;

static int
set_up(void **ctx)
{
	(void)ctx;
	bots = bots_new();
	return 0;
}

static int
tear_down(void **ctx)
{
	(void)ctx;
	bots_free(bots);
	return 0;
}

static struct str
rule_of(const char *agent)
{
	return bots_find(bots, str_of(agent));
}

static void
every_sample_agent_is_caught(void **ctx)
{
	gzFile f = gzopen("tests/data/bots_instances.txt.gz", "rb");
	char line[4096];
	int seen = 0, missed = 0;

	(void)ctx;
	assert_non_null(f);
	while (gzgets(f, line, sizeof(line)) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		seen++;
		if (rule_of(line).len == 0) {
			fprintf(stderr, "missed: %s\n", line);
			missed++;
		}
	}
	gzclose(f);
	assert_int_equal(missed, 0);
	assert_true(seen > 2000);
}

static void
no_real_browser_is_caught(void **ctx)
{
	FILE *f = fopen("tests/data/browsers.txt", "r");
	char line[1024];
	int seen = 0, caught = 0;

	(void)ctx;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		struct str rule;

		line[strcspn(line, "\n")] = '\0';
		seen++;
		rule = rule_of(line);
		if (rule.len > 0) {
			fprintf(stderr, "%.*s: %s\n", STR_ARG(rule), line);
			caught++;
		}
	}
	fclose(f);
	assert_int_equal(caught, 0);
	assert_true(seen >= 50);
}

static void
the_first_rule_of_the_table_names_the_bot(void **ctx)
{
	(void)ctx;
	assert_true(str_is(rule_of("Mozilla/5.0 (compatible; Googlebot/2.1; "
				   "+http://www.google.com/bot.html)"),
	    "googlebot"));
	assert_true(str_is(rule_of("Mozilla/5.0 (compatible; bingbot/2.0; "
				   "+http://www.bing.com/bingbot.htm)"),
	    "bingbot"));
}

static void
unknown_bots_are_known_by_their_words(void **ctx)
{
	static const char *const agents[] = { "Acme-Bot/1.0",
		"acmebot (me@acme.example)", "ACME CRAWLER", "NewSpider 3",
		"python-requests/2.31.0", "Python-urllib/3.11", "curl/8.5.0",
		"Wget/1.21.4", "Java/17.0.9", "libwww-perl/6.72",
		"UniversalFeedParser/4.2", "FeedBurner/1.0", "Ruby",
		"Go-http-client/2.0", "SomeReader (12 subscribers)",
		"Acme (+http://acme.example)" };

	(void)ctx;
	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		if (rule_of(agents[i]).len == 0)
			fail_msg("a person? %s", agents[i]);
	}
}

static void
a_literal_counts_in_its_own_case_only(void **ctx)
{
	(void)ctx;
	assert_true(rule_of("Slackbot-LinkExpanding 1.0").len > 0);
	assert_int_equal(rule_of("YETI Cooler App").len, 0);
	assert_true(rule_of("Yeti/1.1").len > 0);
}

static void
a_short_literal_must_begin_a_word(void **ctx)
{
	(void)ctx;
	assert_true(rule_of("RED/2.0.14").len > 0);
	assert_int_equal(rule_of("INFRARED/2.0.14").len, 0);
}

static void
an_anchored_rule_holds_at_its_place_only(void **ctx)
{
	(void)ctx;
	assert_true(rule_of("Silk/1.0 Also seen").len > 0);
	assert_int_equal(
	    rule_of("Mozilla/5.0 (Linux) Silk/108.4.6 like Chrome").len, 0);
}

static void
agents_of_any_bytes_are_read(void **ctx)
{
	char agent[512];

	(void)ctx;
	for (int c = 0; c < 256; c++) {
		memset(agent, c, sizeof(agent));
		bots_find(bots, str_make(agent, sizeof(agent)));
	}
	assert_int_equal(bots_find(bots, STR_EMPTY).len, 0);
	/* longer literals that begin in one another */
	assert_true(rule_of("GooGooglebot/2.1").len > 0);
}

/*
 * One pass for all literals, not one pass for each: a ratio within the run,
 * as a machine's speed is its own, and a microsecond on any of today's.
 */
static void
a_person_costs_one_pass_over_the_agent(void **ctx)
{
	static const char agent[] =
	    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) "
	    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 "
	    "Mobile/15E148 Safari/604.1";
	struct str rest = tables_bots(), column[4];
	static char literals[4096][128];
	double ours = 1e18, naive = 1e18;
	size_t count = 0, found = 0;

	(void)ctx;
	while (tables_next(&rest, column, 4)) {
		assert_true(count < 4096 && column[2].len < 128);
		memcpy(literals[count++], column[2].data, column[2].len);
	}
	for (int run = 0; run < 5; run++) {
		int64_t start = clock_mono_ns(), took;

		for (int i = 0; i < 2000; i++)
			found += rule_of(agent).len;
		took = clock_mono_ns() - start;
		ours = (double)took / 2000 < ours ? (double)took / 2000 : ours;
		start = clock_mono_ns();
		for (int i = 0; i < 10; i++) {
			for (size_t k = 0; k < count; k++)
				found += strstr(agent, literals[k]) != NULL;
		}
		took = clock_mono_ns() - start;
		naive = (double)took / 10 < naive ? (double)took / 10 : naive;
	}
	print_message("# a person's agent: %.0f ns; strstr for each of %zu "
		      "literals: %.0f ns\n",
	    ours, count, naive);
	assert_int_equal(found, 0);
	assert_true(ours * 4 < naive);
#ifndef __SANITIZE_ADDRESS__
	/* Some 0.3 us; the bound is what is promised. */
	assert_true(ours <= 1000);
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sample_agent_is_caught),
		cmocka_unit_test(no_real_browser_is_caught),
		cmocka_unit_test(the_first_rule_of_the_table_names_the_bot),
		cmocka_unit_test(unknown_bots_are_known_by_their_words),
		cmocka_unit_test(a_literal_counts_in_its_own_case_only),
		cmocka_unit_test(a_short_literal_must_begin_a_word),
		cmocka_unit_test(an_anchored_rule_holds_at_its_place_only),
		cmocka_unit_test(agents_of_any_bytes_are_read),
		cmocka_unit_test(a_person_costs_one_pass_over_the_agent),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
