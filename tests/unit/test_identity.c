/*
 * test_identity.c - who may be told from whom: the truth table of consent
 * through a whole hit, TC strings, the day's ids, links between domains.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "collector/hit.h"
#include "collector/script.h"
#include "collector/tcf.h"

#define NOW INT64_C(1700000000000)
#define DAY INT64_C(86400000)

static char *hosts[] = { (char *)"a.example", (char *)"b.example" };
static struct site shop = { .id = (char *)"shop", .hosts = { hosts, 2 } };
static const struct sites sites = { .list = { &shop, 1 } };
static const struct texts nothing = { NULL, 0 };

static const struct str KEY = STR("0123456789abcdef");

/* What one hit of a browser that says so much becomes. */
struct outcome {
	struct record r;
	struct hit_cookies cookies;
};

static struct outcome
take(struct hit_context ctx, const char *text)
{
	struct outcome out = { 0 };
	struct hit_refusal no;
	const struct site *site;

	out.cookies.key = KEY;
	out.cookies.ignored_referrers = &nothing;
	ctx.sites = &sites;
	ctx.now_ms = NOW;
	ctx.user_agent = STR("agent");
	ctx.cookies = ctx.lane == HIT_SERVER ? NULL : &out.cookies;
	if (!hit_from_json(&ctx, json_read(ctx.arena, str_of(text), NULL),
		&out.r, &site, &no))
		fail_msg("%s: %s %s", text, no.field, no.why);
	return out;
}

/* --- consent ----------------------------------------------------------------
 */
/*
 * Every combination of what the visitor has said, what the page's platform
 * has noted, GPC by header or by script, DNT and what the site does with it,
 * the opt-out cookie and what the site presumes.
 */
static void
the_truth_table_of_consent(void **state)
{
	static const char said[] = "gdu";
	static const char *const tcs[] = { "",
		"CP3tAUAP3tAUAAKACAENBkEgAP_AAAAAAAAAAAAAAAAA",
		"CP3tAUAP3tAUAAKACAENBkEgAAAAAAAAAAAAAAAAAAAA" };
	static const char noted[] = "ugd";
	static const char presumed[] = "ugdd"; /* in the order of the enum */
	int rows = 0;

	(void)state;
	for (int n = 0; n < 3 * 3 * 3 * 2 * 2 * 2 * 4; n++, rows++) {
		struct arena *arena = arena_new(4096);
		struct hit_context ctx = { .lane = HIT_BROWSER,
			.arena = arena };
		int i = n, s = i % 3, t = (i /= 3) % 3, gpc = (i /= 3) % 3,
		    dnt = (i /= 3) % 2, honour = (i /= 2) % 2,
		    out = (i /= 2) % 2, site = i / 2 % 4;
		char text[512], want_ads, want_analytics;
		struct outcome o;

		shop.dnt = honour ? SITE_DNT_DENY : SITE_DNT_IGNORE;
		shop.consent = site;
		ctx.gpc = gpc == 1;
		ctx.dnt = dnt;
		ctx.opted_out = out;
		snprintf(text, sizeof(text),
		    "{\"site\":\"shop\",\"consent\":\"%c%c%c%c\",\"tc\":\"%s\""
		    "%s}",
		    said[s], said[s], said[s], said[s], tcs[t],
		    gpc == 2 ? ",\"gpc\":1" : "");
		o = take(ctx, text);
		want_analytics = said[s] != 'u'    ? said[s]
				 : noted[t] != 'u' ? noted[t]
						   : presumed[site];
		want_ads = gpc ? 'd' : want_analytics;
		if (out || (dnt && honour))
			want_ads = want_analytics = 'd';
		assert_int_equal(o.r.consent.data[0], want_ads);
		assert_int_equal(o.r.consent.data[1], want_analytics);
		assert_int_equal(o.r.consent.data[2], want_ads);
		assert_int_equal(o.r.consent.data[3], want_ads);
		/* Denied: no id and no cookie; else both. */
		assert_int_equal(o.r.visitor_id.len > 0, want_analytics != 'd');
		assert_int_equal(o.r.session_id.len > 0, want_analytics != 'd');
		assert_int_equal(o.cookies.visitor_new, want_analytics != 'd');
		arena_free(arena);
	}
	assert_int_equal(rows, 864);
	shop.dnt = SITE_DNT_IGNORE;
	shop.consent = SITE_CONSENT_UNKNOWN;
}

static void
a_server_states_consent_itself(void **state)
{
	struct arena *arena = arena_new(4096);
	struct hit_context ctx = { .lane = HIT_SERVER, .arena = arena };
	struct outcome o;

	(void)state;
	shop.consent = SITE_CONSENT_DENIED;
	o = take(ctx, "{\"site\":\"shop\",\"visitor_id\":\"v\"}");
	assert_true(str_is(o.r.consent, "uuuu"));
	assert_true(str_is(o.r.visitor_id, "v"));
	shop.consent = SITE_CONSENT_UNKNOWN;
	arena_free(arena);
}

static void
of_a_denied_address_only_campaigns_stay(void **state)
{
	struct arena *arena = arena_new(4096);
	static const char *const cases[][2] = {
		{ "https://s.example/a?utm_source=n&mail=a@b.example&gclid=1",
		    "https://s.example/a?utm_source=n" },
		{ "https://s.example/a?id=7&utm_campaign=c#token=9",
		    "https://s.example/a?utm_campaign=c" },
		{ "https://s.example/#/thanks?id=7&utm_medium=m",
		    "https://s.example/#/thanks?utm_medium=m" },
		{ "https://s.example/a", "https://s.example/a" },
		{ "https://s.example/a?%75tm_source=n&b",
		    "https://s.example/a?%75tm_source=n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str got = consent_strip_all(str_of(cases[i][0]), arena);

		if (!str_is(got, cases[i][1]))
			fail_msg("%.*s", STR_ARG(got));
	}
	arena_free(arena);
}

/* As the framework's own library writes them. */
static void
purposes_are_read_out_of_a_tc_string(void **state)
{
	static const char *const cases[][2] = {
		{ "CP3tAUAP3tAUAAKACAENBkEgAAAAAAAAAAAAAAAAAAAA", "dddd" },
		{ "CP3tAUAP3tAUAAKACAENBkEgAIAAAAAAAAAAAAAAAAAA", "gddd" },
		{ "CP3tAUAP3tAUAAKACAENBkEgAIEAAAAAAAAAAAAAAAAA", "ggdd" },
		{ "CP3tAUAP3tAUAAKACAENBkEgAIIAAAAAAAAAAAAAAAAA", "gdgd" },
		{ "CP3tAUAP3tAUAAKACAENBkEgALAAAAAAAAAAAAAAAAAA", "gddg" },
		{ "CP3tAUAP3tAUAAKACAENBkEgADMAAAAAAAAAAAAAAAAA", "dddd" },
		{ "CP3tAUAP3tAUAAKACAENBkEgAKAAAAAAAAAAAAAAAAAA", "gddd" },
		{ "CP3tAUAP3tAUAAKACAENBkEgAP_AAAAAAAAAAAAAAAAA.YAAAAAAA",
		    "gggg" },
	};
	static const char *const bad[] = { "", "C", "BP3tAUAP3tAUAAKACAENBkEgA",
		"BP3tAUAP3tAUAAKACAENBkEgAIAAAAAAAAAAAAAAAAAA",
		"CP3tAUAP3tAUAAKACAENBkEgAIAA=AAAAAAAAAAAAAAA",
		"CP3tAUAP3tAUAAKACAENBkEgAIAA." };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct consent c = consent_unknown;

		assert_true(tcf_read(&c, str_of(cases[i][0])));
		assert_memory_equal(c.letter, cases[i][1], CONSENT_PURPOSES);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct consent c = consent_unknown;

		assert_false(tcf_read(&c, str_of(bad[i])));
		assert_memory_equal(c.letter, "uuuu", CONSENT_PURPOSES);
	}
}

/* --- the day's ids
 * ------------------------------------------------------------ */
static void
ids(struct salt *s, int64_t now_ms, const char *address, char out[2][32])
{
	salt_ids(s, now_ms, STR("shop"), str_of(address), STR("agent"), out[0],
	    out[1]);
}

static void
an_id_without_cookies_lasts_a_day_and_outlives_a_restart(void **state)
{
	char dir[] = "/tmp/test_salt_XXXXXX", file[64];
	char a[2][32], b[2][32];
	struct salt *s;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/day.salt", dir);
	s = salt_open(file, NOW);
	ids(s, NOW, "203.0.113.7", a);
	assert_int_equal(strlen(a[0]), SALT_ID_LEN);
	assert_string_not_equal(a[0], a[1]);
	ids(s, NOW, "203.0.113.8", b);
	assert_string_not_equal(a[0], b[0]);
	salt_close(s);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	s = salt_open(file, NOW);
	ids(s, NOW, "203.0.113.7", b);
	assert_string_equal(a[0], b[0]);
	assert_string_equal(a[1], b[1]);
	ids(s, NOW + DAY, "203.0.113.7", b);
	assert_string_not_equal(a[0], b[0]);
	/* Going back does not bring the old one back. */
	ids(s, NOW, "203.0.113.7", b);
	assert_string_not_equal(a[0], b[0]);
	salt_close(s);
	unlink(file);
	rmdir(dir);
}

static void
yesterdays_salt_is_gone_from_the_file_without_a_hit(void **state)
{
	char dir[] = "/tmp/test_salt_XXXXXX", file[64], old[128], now[128];
	struct salt *s;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/day.salt", dir);
	s = salt_open(file, NOW);
	f = fopen(file, "r");
	assert_non_null(fgets(old, sizeof(old), f));
	fclose(f);
	salt_turn(s, NOW + DAY);
	f = fopen(file, "r");
	assert_non_null(fgets(now, sizeof(now), f));
	fclose(f);
	assert_string_not_equal(strchr(old, ' '), strchr(now, ' '));
	salt_close(s);
	/* Rubbish and yesterday's are as good as none. */
	s = salt_open(file, NOW + 9 * DAY);
	salt_close(s);
	unlink(file);
	rmdir(dir);
}

static void
a_site_that_tells_apart_for_a_day_sets_no_cookie(void **state)
{
	struct arena *arena = arena_new(4096);
	struct salt *s = salt_open("/nonexistent/day.salt", NOW);
	struct hit_context ctx = { .lane = HIT_BROWSER,
		.arena = arena,
		.salt = s,
		.address = STR("203.0.113.7") };
	struct outcome o;

	(void)state;
	shop.cookies = SITE_COOKIES_DAILY;
	o = take(ctx, "{\"site\":\"shop\"}");
	assert_true(str_starts(o.r.visitor_id, STR("d.")));
	assert_true(str_starts(o.r.session_id, STR("d.")));
	assert_null(o.cookies.site);
	o = take(ctx, "{\"site\":\"shop\",\"analytics_storage\":\"denied\"}");
	assert_int_equal(o.r.visitor_id.len, 0);
	shop.cookies = SITE_COOKIES_ON;
	salt_close(s);
	arena_free(arena);
}

/* --- links between domains
 * ---------------------------------------------------- */
struct linked {
	char visitor[VISITOR_COOKIE_MAX], session[VISITOR_COOKIE_MAX];
	char text[VISITOR_LINK_MAX];
	struct str sign;
	struct visitor who;
	struct session visit;
};

static void
make_link(struct linked *l)
{
	struct str visitor, session;

	visitor_mint(&l->who, NOW);
	l->visit = (struct session){ 0 };
	visitor_session_hit(&l->visit, false, (struct arrival){ 0 }, NOW);
	visitor = visitor_write(&l->who, KEY, l->visitor);
	session = visitor_session_write(&l->visit, KEY, l->session);
	l->sign = visitor_link_write(
	    KEY, visitor, session, STR("agent"), NOW, l->text);
	assert_true(l->sign.len > 0);
}

static void
a_link_carries_visitor_and_visit_and_leaves_no_trace(void **state)
{
	struct arena *arena = arena_new(4096);
	struct hit_context ctx = { .lane = HIT_BROWSER, .arena = arena };
	struct linked l;
	char text[1024];
	struct outcome o;

	(void)state;
	make_link(&l);
	snprintf(text, sizeof(text),
	    "{\"site\":\"shop\",\"url\":\"https://b.example/"
	    "p?a=1&_ac_x=%.*s#f\""
	    ",\"referrer\":\"https://a.example/?_ac_x=%.*s\"}",
	    STR_ARG(l.sign), STR_ARG(l.sign));
	o = take(ctx, text);
	assert_true(str_is(o.r.visitor_id, l.who.id));
	assert_true(str_is(o.r.session_id, l.visit.id));
	assert_int_equal(o.r.session_start, NOW);
	assert_true(o.cookies.visitor_new);
	assert_true(str_is(o.r.url, "https://b.example/p?a=1#f"));
	assert_true(str_is(o.r.referrer, "https://a.example/"));
	/* Who denied is not carried along, and the sign goes all the same. */
	snprintf(text, sizeof(text),
	    "{\"site\":\"shop\",\"consent\":\"uduu\",\"url\":"
	    "\"https://b.example/p?_ac_x=%.*s\"}",
	    STR_ARG(l.sign));
	o = take(ctx, text);
	assert_int_equal(o.r.visitor_id.len, 0);
	assert_true(str_is(o.r.url, "https://b.example/p"));
	arena_free(arena);
}

static void
a_link_is_good_for_two_minutes_one_browser_and_one_key(void **state)
{
	struct linked l;
	struct visitor v;
	struct session s;
	bool in_visit;
	int64_t end = NOW + VISITOR_LINK_S * INT64_C(1000);

	(void)state;
	make_link(&l);
#define READ(key, agent, at)                                                   \
	visitor_link_read(&v, &s, &in_visit, key, l.sign, STR(agent), at)
	assert_true(READ(KEY, "agent", NOW));
	assert_true(in_visit);
	assert_true(READ(KEY, "agent", end));
	assert_false(READ(KEY, "agent", end + 1000));
	assert_false(READ(KEY, "another", NOW));
	assert_false(READ(STR("another key of 16"), "agent", NOW));
	for (size_t i = 0; i < l.sign.len; i++) {
		char was = l.text[i];

		l.text[i] = was == 'A' ? 'B' : 'A';
		assert_false(READ(KEY, "agent", NOW));
		l.text[i] = was;
	}
	l.sign.len--;
	assert_false(READ(KEY, "agent", NOW));
	assert_int_equal(visitor_link_write(KEY, STR("forged"), STR_EMPTY,
			     STR("agent"), NOW, l.text)
			     .len,
	    0);
}

/* --- what the page is told -------------------------------------------------
 */
static void
names_of_the_script_are_known_by_their_pattern(void **state)
{
	struct str hash, t = STR("/t.js");

	(void)state;
	assert_int_equal(script_name(t, STR("/t.js"), &hash), SCRIPT_TRACKER);
	assert_int_equal(hash.len, 0);
	assert_int_equal(
	    script_name(t, STR("/t-0a1b2c3d.js"), &hash), SCRIPT_TRACKER);
	assert_true(str_is(hash, "0a1b2c3d"));
	assert_int_equal(
	    script_name(t, STR("/t-x0a1b2c3d.js"), &hash), SCRIPT_EXTENSION);
	assert_true(str_is(hash, "0a1b2c3d"));
	assert_int_equal(
	    script_name(t, STR("/t-0a1b2c3.js"), &hash), SCRIPT_NONE);
	assert_int_equal(
	    script_name(t, STR("/t-0a1b2c3G.js"), &hash), SCRIPT_NONE);
	assert_int_equal(script_name(t, STR("/t-.js"), &hash), SCRIPT_NONE);
	assert_int_equal(script_name(t, STR("/t"), &hash), SCRIPT_NONE);
	assert_int_equal(
	    script_name(STR("/stats"), STR("/stats-x0a1b2c3d"), &hash),
	    SCRIPT_EXTENSION);
}

static void
a_site_without_wishes_gets_the_bare_script(void **state)
{
	struct arena *arena = arena_new(4096);
	struct goal goals[] = { { .name = (char *)"read </script>",
	    .event = (char *)"",
	    .form = (char *)"",
	    .download = (char *)"",
	    .outbound = (char *)"",
	    .scroll = 75 } };
	struct str bare = script_tracker(arena, NULL), text;

	(void)state;
	assert_true(str_eq(script_tracker(arena, &shop), bare));
	shop.goals = (struct items){ goals, 1 };
	text = script_tracker(arena, &shop);
	assert_true(str_starts(text,
	    STR("document.currentScript.ac={\"site\":\"shop\",\"extension\":"
		"true,\"goals\":[{\"name\":\"read \\u003c/script>\",\"scroll\":"
		"75}]};\n")));
	assert_true(str_ends(text, bare));
	shop.goals = (struct items){ 0 };
	arena_free(arena);
}

#define TEST(name) cmocka_unit_test(name)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_truth_table_of_consent),
		TEST(a_server_states_consent_itself),
		TEST(of_a_denied_address_only_campaigns_stay),
		TEST(purposes_are_read_out_of_a_tc_string),
		TEST(an_id_without_cookies_lasts_a_day_and_outlives_a_restart),
		TEST(yesterdays_salt_is_gone_from_the_file_without_a_hit),
		TEST(a_site_that_tells_apart_for_a_day_sets_no_cookie),
		TEST(a_link_carries_visitor_and_visit_and_leaves_no_trace),
		TEST(a_link_is_good_for_two_minutes_one_browser_and_one_key),
		TEST(names_of_the_script_are_known_by_their_pattern),
		TEST(a_site_without_wishes_gets_the_bare_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
