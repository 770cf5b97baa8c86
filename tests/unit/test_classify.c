/*
 * Where hits come from: tests/data/classify.tsv row by row, and what a table
 * cannot say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "aggregator/journey/classify.h"
#include "aggregator/journey/normalise.h"

static struct rules *rules;
static struct arena *arena;

static char *own_hosts[] = { (char[]){ "shop.example" },
	(char[]){ "*.shop.example" }, (char[]){ "www.magasin.fr" } };
static const struct site site = { .hosts = { own_hosts, 3 } };

static int
set_up(void **ctx)
{
	struct buf problems = { NULL, 0, 0 };

	(void)ctx;
	arena = arena_new(4096);
	rules = rules_load("config/channels.yaml", &problems);
	if (rules == NULL)
		fprintf(stderr, "%s", buf_text(&problems));
	buf_free(&problems);
	return rules == NULL;
}

static int
tear_down(void **ctx)
{
	(void)ctx;
	rules_free(rules);
	arena_free(arena);
	return 0;
}

static struct str
cell(struct str s)
{
	return str_is(s, "-") ? STR_EMPTY : s;
}

static void
set_explicit(struct record *r, struct str text)
{
	struct str part, name;

	while (str_cut(&text, '|', &part)) {
		if (!str_cut(&part, '=', &name))
			continue;
		if (str_is(name, "source"))
			r->source = part;
		else if (str_is(name, "medium"))
			r->medium = part;
		else if (str_is(name, "campaign"))
			r->campaign = part;
		else if (str_is(name, "click_id"))
			r->click_id = part;
	}
}

/* 0 when the row holds; says why not. */
static int
check_row(int line, struct str row)
{
	static const char *const names[] = { "source", "medium", "campaign",
		"channel" };
	struct str column[7], got[4];
	struct record record = { .v = 1 };
	struct origin o;
	int bad = 0;

	for (int i = 0; i < 7; i++) {
		if (!str_cut(&row, '\t', &column[i])) {
			fprintf(stderr, "line %d: %d columns\n", line, i);
			return 1;
		}
	}
	record.url = cell(column[0]);
	record.referrer = cell(column[1]);
	set_explicit(&record, cell(column[2]));
	classify_hit(rules, &site, &record, arena, &o);
	got[0] = o.source;
	got[1] = o.medium;
	got[2] = o.campaign;
	got[3] = o.channel;
	for (int i = 0; i < 4; i++) {
		if (str_eq(got[i], column[3 + i]))
			continue;
		fprintf(stderr, "line %d: %s is \"%.*s\", not \"%.*s\"\n", line,
		    names[i], STR_ARG(got[i]), STR_ARG(column[3 + i]));
		bad = 1;
	}
	if (o.tagged == str_is(o.source, "(direct)")) {
		fprintf(stderr, "line %d: tagged is %d\n", line, o.tagged);
		bad = 1;
	}
	return bad;
}

static void
every_row_of_the_table_holds(void **ctx)
{
	FILE *f = fopen("tests/data/classify.tsv", "r");
	char *text = NULL;
	size_t cap = 0;
	ssize_t len;
	int line = 0, rows = 0, bad = 0;

	(void)ctx;
	assert_non_null(f);
	while ((len = getline(&text, &cap, f)) > 0) {
		line++;
		if (text[0] == '#')
			continue;
		bad += check_row(line, str_make(text, (size_t)len - 1));
		rows++;
		arena_reset(arena);
	}
	free(text);
	fclose(f);
	assert_int_equal(bad, 0);
	assert_true(rows >= 180);
}

static struct origin
origin_of(const char *url, const char *referrer)
{
	struct record record = { .url = str_of(url),
		.referrer = str_of(referrer) };
	struct origin o;

	classify_hit(rules, &site, &record, arena, &o);
	return o;
}

static void
a_click_id_keeps_its_case(void **ctx)
{
	struct origin o = origin_of("/?GCLID=AbC_d-E&utm_source=X", "");

	(void)ctx;
	assert_true(str_is(o.click_id, "gclid=AbC_d-E"));
	o = origin_of("/?fbclid=Meta&gclid=Goo", "");
	assert_true(str_is(o.click_id, "gclid=Goo"));
}

static void
a_campaign_id_is_utm_id_else_googles(void **ctx)
{
	struct origin o = origin_of("/?gclid=a&gad_campaignid=77", "");

	(void)ctx;
	assert_true(str_is(o.campaign_id, "77"));
	o = origin_of("/?gad_campaignid=77&utm_id=Spring1", "");
	assert_true(str_is(o.campaign_id, "spring1"));
}

static void
term_and_content_are_read(void **ctx)
{
	struct origin o =
	    origin_of("/?utm_source=a&utm_term=Red+Kettle&utm_content=B", "");

	(void)ctx;
	assert_true(str_is(o.term, "red kettle"));
	assert_true(str_is(o.content, "b"));
}

static void
a_rule_is_named(void **ctx)
{
	struct origin o = origin_of("/?utm_source=google&utm_medium=cpc", "");

	(void)ctx;
	assert_true(str_is(o.rule, "paid-search"));
	o = origin_of("/?utm_source=a&utm_medium=b", "");
	assert_true(str_is(o.rule, "none"));
}

static void
long_values_are_cut_between_characters(void **ctx)
{
	char url[2100] = "/?utm_source=a&utm_campaign=x";
	struct origin o;

	(void)ctx;
	for (size_t n = strlen(url); n + 7 < sizeof(url); n += 6)
		strcpy(url + n, "%C3%A9");
	o = origin_of(url, "");
	assert_int_equal(o.campaign.len, NORMALISE_MAX - 1);
	assert_true(str_utf8(o.campaign));
}

static void
a_referrer_of_2_kb_is_read(void **ctx)
{
	char text[2049];
	struct origin o;

	(void)ctx;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	o = origin_of("https://shop.example/", text);
	assert_true(str_is(o.medium, "(none)"));
	memcpy(text, "https://www.google.com/", 23);
	o = origin_of("https://shop.example/", text);
	assert_true(str_is(o.source, "google"));
	memset(text + 8, '.', 200);
	o = origin_of("https://shop.example/", text);
	assert_true(str_is(o.medium, "(none)"));
}

static void
costs_are_spelled_like_hits(void **ctx)
{
	struct origin cost;
	struct origin hit = origin_of("/?utm_source=Google&utm_medium=CPC&"
				      "utm_campaign=%20Cafe%CC%81%20",
	    "");

	(void)ctx;
	classify_names(rules, &site, STR(" GOOGLE"), STR("cpc "),
	    STR("Caf\xc3\x89"), arena, &cost);
	assert_true(str_eq(cost.source, hit.source));
	assert_true(str_eq(cost.medium, hit.medium));
	assert_true(str_eq(cost.campaign, hit.campaign));
	assert_true(str_eq(cost.channel, hit.channel));
}

static void
a_cost_without_names_is_not_set(void **ctx)
{
	struct origin o;

	(void)ctx;
	classify_names(
	    rules, &site, STR_EMPTY, STR_EMPTY, STR("  "), arena, &o);
	assert_true(str_is(o.source, "(not set)"));
	assert_true(str_is(o.medium, "(not set)"));
	assert_true(str_is(o.campaign, "(not set)"));
	assert_true(str_is(o.channel, "Unassigned"));
}

/* The tables key by (source, medium, campaign) and store the channel. */
static void
the_channel_follows_from_the_shown_names(void **ctx)
{
	static const char *const referrers[] = { "https://www.google.com/",
		"https://t.co/", "https://www.youtube.com/",
		"https://www.target.com/", "https://mail.google.com/",
		"https://claude.ai/", "https://yiyan.baidu.com/",
		"https://a.example/", "https://search.free.fr/",
		"https://www.bilibili.com/", "https://shopee.sg/",
		"https://fosstodon.org/" };

	(void)ctx;
	for (size_t i = 0; i < sizeof(referrers) / sizeof(*referrers); i++) {
		struct origin o = origin_of("/", referrers[i]), again;

		classify_names(rules, &site, o.source, o.medium, o.campaign,
		    arena, &again);
		assert_true(str_eq(o.channel, again.channel));
		assert_true(str_eq(o.source, again.source));
	}
}

static void
normalising_twice_changes_nothing(void **ctx)
{
	uint64_t state = 88172645463325252u;
	char text[260];

	(void)ctx;
	for (int round = 0; round < 20000; round++) {
		size_t len;
		struct str once, twice;

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		len = state % sizeof(text);
		for (size_t i = 0; i < len; i++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			/* Latin-1, Greek and combining marks, often */
			text[i] = (char)(i % 2       ? 0x80 + state % 64
					 : state % 3 ? 0xc3 + state % 10
						     : state % 128);
		}
		once = normalise(arena, str_make(text, len));
		twice = normalise(arena, once);
		assert_true(str_eq(once, twice));
		assert_true(str_utf8(once));
		assert_true(once.len <= NORMALISE_MAX);
		arena_reset(arena);
	}
}

static void
a_missing_user_agent_is_a_bot_in_browser_lanes_only(void **ctx)
{
	struct record r = { .lane = STR("browser") };

	(void)ctx;
	assert_true(str_is(classify_bot(rules, &r), "no-user-agent"));
	r.lane = STR("pixel");
	assert_true(str_is(classify_bot(rules, &r), "no-user-agent"));
	r.lane = STR("server");
	assert_int_equal(classify_bot(rules, &r).len, 0);
}

static void
a_page_loaded_ahead_is_prefetch(void **ctx)
{
	struct record r = { .lane = STR("browser"),
		.user_agent = STR("Mozilla/5.0"),
		.purpose = STR("prefetch;prerender") };

	(void)ctx;
	assert_true(str_is(classify_bot(rules, &r), "prefetch"));
	r.purpose = STR("Prefetch");
	assert_true(str_is(classify_bot(rules, &r), "prefetch"));
	r.purpose = STR("shopping");
	assert_int_equal(classify_bot(rules, &r).len, 0);
}

/* Loads YAML by way of a file; the problems, or "" when it was taken. */
static char *
problems_of(const char *yaml, struct rules **out)
{
	char name[] = "/tmp/channels-XXXXXX";
	struct buf problems = { NULL, 0, 0 };
	int fd = mkstemp(name);
	char *text;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, yaml, strlen(yaml)), strlen(yaml));
	close(fd);
	*out = rules_load(name, &problems);
	unlink(name);
	text = str_dup(str_of(buf_text(&problems)));
	buf_free(&problems);
	return text;
}

static void
own_rules_and_hosts_win(void **ctx)
{
	struct rules *all = rules, *mine;
	char *problems = problems_of(
	    "channels:\n"
	    "  - {name: mine, channel: Mine, source: 'part.*'}\n"
	    "  - {name: rest, channel: Rest, source_category: search}\n"
	    "hosts:\n"
	    "  - {host: .Google.com, source: Partner, category: none}\n"
	    "  - {host: bank.example, source: bank, category: payment}\n",
	    &mine);
	struct origin o;

	(void)ctx;
	assert_string_equal(problems, "");
	free(problems);
	rules = mine;
	o = origin_of("/", "https://www.google.com/");
	assert_true(str_is(o.source, "partner"));
	assert_true(str_is(o.medium, "referral"));
	assert_true(str_is(o.channel, "Mine"));
	o = origin_of("/", "https://www.bing.com/");
	assert_true(str_is(o.channel, "Rest"));
	o = origin_of("/", "https://bank.example/");
	assert_false(o.tagged);
	rules = all;
	rules_free(mine);
}

/* Twice each: a thread remembers what it found. */
static void
other_rules_answer_for_themselves(void **ctx)
{
	static const char *const yaml[] = {
		"channels:\n  - {name: a, channel: First, source: bing}\n",
		"channels:\n  - {name: b, channel: Second, source: bing}\n",
		"channels:\n  - {name: c, channel: Third, source: other}\n"
	};
	static const char *const channel[] = { "First", "Second",
		"Unassigned" };
	struct rules *all = rules;
	char landing[2][512];

	(void)ctx;
	/* One too long to be remembered. */
	snprintf(landing[0], sizeof(landing[0]), "/?utm_source=bing");
	snprintf(landing[1], sizeof(landing[1]),
	    "/?utm_source=bing&utm_campaign=%0200d", 7);
	for (int i = 0; i < 12; i++) {
		char *problems = problems_of(yaml[i / 2 % 3], &rules);

		assert_string_equal(problems, "");
		free(problems);
		for (int again = 0; again < 2; again++)
			assert_true(
			    str_is(origin_of(landing[i % 2], "").channel,
				channel[i / 2 % 3]));
		rules_free(rules);
	}
	rules = all;
}

static void
names_that_look_alike_keep_their_channels(void **ctx)
{
	struct rules *all = rules;
	char *problems =
	    problems_of("channels:\n"
			"  - {name: a, channel: A, source: 'a', medium: 'bc'}\n"
			"  - {name: b, channel: B, source: 'ab', medium: 'c'}\n"
			"  - {name: n, channel: Even, campaign: '.*[02468]'}\n",
		&rules);

	(void)ctx;
	assert_string_equal(problems, "");
	free(problems);
	for (int again = 0; again < 2; again++) {
		assert_true(str_is(
		    origin_of("/?utm_source=a&utm_medium=bc", "").channel,
		    "A"));
		assert_true(str_is(
		    origin_of("/?utm_source=ab&utm_medium=c", "").channel,
		    "B"));
		for (int i = 0; i < 1000; i++) {
			char landing[64];

			snprintf(landing, sizeof(landing),
			    "/?utm_source=x&utm_campaign=%d", i);
			assert_true(str_is(origin_of(landing, "").channel,
			    i % 2 == 0 ? "Even" : "Unassigned"));
		}
	}
	rules_free(rules);
	rules = all;
}

static void
a_bad_expression_is_reported_with_its_place(void **ctx)
{
	struct rules *none;
	char *problems =
	    problems_of("channels:\n"
			"  - {name: a, channel: A, medium: 'x('}\n"
			"  - {name: b, channel: B, campaign: '['}\n",
		&none);

	(void)ctx;
	assert_null(none);
	assert_non_null(strstr(problems, "channels[0].medium: "));
	assert_non_null(strstr(problems, "channels[1].campaign: "));
	free(problems);
}

static void
an_unknown_category_is_refused(void **ctx)
{
	struct rules *none;
	char *problems =
	    problems_of("channels:\n"
			"  - {name: a, channel: A, source_category: serach}\n",
		&none);

	(void)ctx;
	assert_null(none);
	assert_non_null(strstr(problems, "serach"));
	free(problems);
}

static void
an_expression_that_explodes_does_not_match(void **ctx)
{
	struct rules *all = rules, *mine;
	char *problems = problems_of("channels:\n"
				     "  - {name: a, channel: A, medium: "
				     "'(a+)+(a+)+(a+)+[bd]'}\n",
	    &mine);
	struct origin o;

	(void)ctx;
	assert_string_equal(problems, "");
	free(problems);
	rules = mine;
	alarm(3); /* without a limit it takes longer, and that kills us */
	o = origin_of("/?utm_source=x&utm_medium=aaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac",
	    "");
	alarm(0);
	assert_true(str_is(o.channel, "Unassigned"));
	rules = all;
	rules_free(mine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table_holds),
		cmocka_unit_test(a_click_id_keeps_its_case),
		cmocka_unit_test(a_campaign_id_is_utm_id_else_googles),
		cmocka_unit_test(term_and_content_are_read),
		cmocka_unit_test(a_rule_is_named),
		cmocka_unit_test(long_values_are_cut_between_characters),
		cmocka_unit_test(a_referrer_of_2_kb_is_read),
		cmocka_unit_test(costs_are_spelled_like_hits),
		cmocka_unit_test(a_cost_without_names_is_not_set),
		cmocka_unit_test(the_channel_follows_from_the_shown_names),
		cmocka_unit_test(normalising_twice_changes_nothing),
		cmocka_unit_test(
		    a_missing_user_agent_is_a_bot_in_browser_lanes_only),
		cmocka_unit_test(a_page_loaded_ahead_is_prefetch),
		cmocka_unit_test(own_rules_and_hosts_win),
		cmocka_unit_test(other_rules_answer_for_themselves),
		cmocka_unit_test(names_that_look_alike_keep_their_channels),
		cmocka_unit_test(a_bad_expression_is_reported_with_its_place),
		cmocka_unit_test(an_unknown_category_is_refused),
		cmocka_unit_test(an_expression_that_explodes_does_not_match),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
