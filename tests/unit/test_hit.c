/*
 * test_hit.c - which hits become which records, and why others do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "collector/hit.h"
#include "common/http.h"

#define NOW INT64_C(1700000000000)
#define DAY_LEN INT64_C(86400000)

static char *hosts[] = { (char *)"shop.example" };
/* In the order of their ids, as sites_load() leaves them. */
static struct site site_list[] = {
	{ .id = (char *)"bare", .cookies = SITE_COOKIES_OFF },
	{ .id = (char *)"shop",
	    .hosts = { hosts, 1 },
	    .browser_value_cap = INT64_C(1000000000),
	    .keep_network = true },
};
static const struct sites sites = { .list = { site_list, 2 } };
static const struct texts nothing = { NULL, 0 };

struct world {
	struct arena *arena;
	struct hit_cookies cookies;
	struct hit_context ctx;
	struct record r;
	const struct site *site;
	struct hit_refusal no;
};

static int
setup(void **state)
{
	static struct world w;

	memset(&w, 0, sizeof(w));
	w.arena = arena_new(4096);
	w.cookies.key = STR("0123456789abcdef");
	w.cookies.ignored_referrers = &nothing;
	w.ctx = (struct hit_context){
		.lane = HIT_BROWSER,
		.sites = &sites,
		.arena = w.arena,
		.now_ms = NOW,
		.ip = STR("203.0.113.0"),
		.user_agent = STR("agent/1"),
		.cookies = &w.cookies,
	};
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	arena_free(w->arena);
	return 0;
}

static bool
take(struct world *w, const char *text)
{
	struct error err;
	struct json *event = json_read(w->arena, str_of(text), &err);

	assert_non_null(event);
	return hit_from_json(&w->ctx, event, &w->r, &w->site, &w->no);
}

/* {"site":"shop",MORE} is refused, and for FIELD. */
static void
refused(struct world *w, const char *more, const char *field)
{
	char text[40000];

	snprintf(text, sizeof(text), "{\"site\":\"shop\",%s}", more);
	assert_false(take(w, text));
	assert_string_equal(w->no.field, field);
	assert_int_not_equal(w->no.why[0], '\0');
}

static void
accepted(struct world *w, const char *more)
{
	char text[40000];

	snprintf(text, sizeof(text), "{\"site\":\"shop\",%s}", more);
	if (!take(w, text))
		fail_msg("%s: %s %s", more, w->no.field, w->no.why);
}

static void
is(struct str got, const char *text)
{
	assert_int_equal(got.len, strlen(text));
	assert_memory_equal(got.data ? got.data : "", text, got.len);
}

static void
server_lane(struct world *w)
{
	w->ctx.lane = HIT_SERVER;
	w->ctx.cookies = NULL;
	w->ctx.ip = w->ctx.user_agent = STR_EMPTY;
}

static void
a_bare_hit_is_a_page_with_a_minted_id(void **state)
{
	struct world *w = *state;

	assert_true(take(w, "{\"site\":\"shop\"}"));
	is(w->r.type, "page");
	is(w->r.site, "shop");
	is(w->r.lane, "browser");
	is(w->r.ip, "203.0.113.0");
	is(w->r.user_agent, "agent/1");
	is(w->r.consent, "uuuu");
	assert_int_equal(w->r.received_at, NOW);
	assert_int_equal(w->r.event_id.len, 22);
	assert_int_equal(w->r.v, RECORD_VERSION);
}

static void
the_host_implies_the_site(void **state)
{
	struct world *w = *state;

	assert_false(take(w, "{}"));
	assert_int_equal(w->no.metric, METRIC_REJECTED_SITE);
	w->ctx.host = STR("shop.example:8080");
	assert_true(take(w, "{}"));
	is(w->r.site, "shop");
	assert_false(take(w, "{\"site\":\"nope\"}"));
	assert_int_equal(w->no.metric, METRIC_REJECTED_SITE);
	assert_false(take(w, "[]"));
	assert_int_equal(w->no.metric, METRIC_REJECTED_JSON);
}

static void
a_value_is_a_small_positive_decimal(void **state)
{
	struct world *w = *state;

	server_lane(w);
	accepted(w, "\"value\":12.5");
	is(w->r.value, "12.5");
	accepted(w, "\"value\":\"0.000001\"");
	accepted(w, "\"value\":\" 7 \"");
	is(w->r.value, "7");
	accepted(w, "\"value\":0");
	accepted(w, "\"value\":\"999999999999.999999\"");
	refused(w, "\"value\":\"1000000000000\"", "value");
	assert_int_equal(w->no.metric, METRIC_REJECTED_VALUE);
	refused(w, "\"value\":-1", "value");
	refused(w, "\"value\":\"-0\"", "value");
	refused(w, "\"value\":\"NaN\"", "value");
	refused(w, "\"value\":\"Infinity\"", "value");
	refused(w, "\"value\":\"1e3\"", "value");
	refused(w, "\"value\":0.0000001", "value");
	refused(w, "\"value\":\"1,5\"", "value");
	refused(w, "\"value\":true", "value");
	refused(w, "\"value\":[1]", "value");
	refused(
	    w, "\"value\":\"00000000000000000000000000000000000001\"", "value");
}

static void
a_browser_has_a_cap_and_a_server_has_not(void **state)
{
	struct world *w = *state;

	accepted(w, "\"value\":1000");
	refused(w, "\"value\":1000.000001", "value");
	server_lane(w);
	accepted(w, "\"value\":1000.000001");
}

static void
a_currency_is_three_letters(void **state)
{
	struct world *w = *state;

	accepted(w, "\"currency\":\"eur\"");
	is(w->r.currency, "EUR");
	refused(w, "\"currency\":\"EU\"", "currency");
	refused(w, "\"currency\":\"EURO\"", "currency");
	refused(w, "\"currency\":\"E1R\"", "currency");
	refused(w, "\"currency\":978", "currency");
}

static void
event_ids_have_their_pattern(void **state)
{
	struct world *w = *state;
	char text[200];

	accepted(w, "\"event_id\":\"aZ9_.:-\"");
	is(w->r.event_id, "aZ9_.:-");
	refused(w, "\"event_id\":\"a b\"", "event_id");
	refused(w, "\"event_id\":\"\xc3\xa9\"", "event_id");
	refused(w, "\"event_id\":{}", "event_id");
	snprintf(text, sizeof(text), "\"event_id\":\"%064d\"", 1);
	accepted(w, text);
	snprintf(text, sizeof(text), "\"event_id\":\"%065d\"", 1);
	refused(w, text, "event_id");
}

static void
types_are_those_of_the_list(void **state)
{
	struct world *w = *state;

	accepted(w, "\"type\":\"conversion\"");
	accepted(w, "\"type\":\"consent\"");
	accepted(w, "\"type\":\"event\",\"name\":\"n\"");
	refused(w, "\"type\":\"event\"", "name");
	refused(w, "\"type\":\"refund\"", "order_id");
	refused(
	    w, "\"type\":\"refund\",\"order_id\":\"1\",\"value\":0", "value");
	accepted(w, "\"type\":\"refund\",\"order_id\":\"1\",\"value\":1");
	refused(w, "\"type\":\"exposure\",\"variant\":\"v\"", "experiment");
	refused(w, "\"type\":\"exposure\",\"experiment\":\"e\"", "variant");
	refused(w, "\"type\":\"Page\"", "type");
	refused(w, "\"type\":1", "type");
}

static void
times_are_ms_or_rfc_3339(void **state)
{
	struct world *w = *state;

	accepted(w, "\"time\":1699999999999");
	assert_int_equal(w->r.time, 1699999999999);
	accepted(w, "\"time\":\"1699999999999\"");
	assert_int_equal(w->r.time, 1699999999999);
	accepted(w, "\"time\":\"2023-11-14T22:13:20Z\"");
	assert_int_equal(w->r.time, NOW);
	refused(w, "\"time\":\"yesterday\"", "time");
	assert_int_equal(w->no.metric, METRIC_REJECTED_TIME);
	refused(w, "\"time\":-1", "time");
	refused(w, "\"time\":1.5", "time");
	refused(w, "\"time\":1e300", "time");
	refused(w, "\"sent_at\":\"2023-02-30T00:00:00Z\"", "sent_at");
}

static void
the_server_lane_has_a_window(void **state)
{
	struct world *w = *state;
	char text[64];

	server_lane(w);
	snprintf(text, sizeof(text), "\"time\":%lld",
	    (long long)(NOW - 400 * DAY_LEN));
	accepted(w, text);
	is(w->r.lane, "server");
	snprintf(text, sizeof(text), "\"time\":%lld",
	    (long long)(NOW - 400 * DAY_LEN - 1));
	refused(w, text, "time");
	snprintf(
	    text, sizeof(text), "\"time\":%lld", (long long)(NOW + 300000));
	accepted(w, text);
	snprintf(
	    text, sizeof(text), "\"time\":%lld", (long long)(NOW + 300001));
	refused(w, text, "time");
}

static void
only_servers_state_what_identifies_a_person(void **state)
{
	struct world *w = *state;

	refused(w, "\"ip\":\"1.2.3.4\"", "ip");
	refused(w, "\"user_agent\":\"x\"", "user_agent");
	refused(w, "\"email\":\"a@b.example\"", "email");
	refused(w, "\"phone\":\"+16505551212\"", "phone");
	server_lane(w);
	accepted(w, "\"ip\":\"198.51.100.77\",\"user_agent\":\"x\","
		    "\"visitor_id\":\"any id\",\"session_id\":\"s\"");
	is(w->r.ip, "198.51.100.0");
	is(w->r.user_agent, "x");
	is(w->r.visitor_id, "any id");
	is(w->r.session_id, "s");
	refused(w, "\"ip\":\"1.2.3\"", "ip");
}

static void
email_and_phone_are_normalised_and_hashed(void **state)
{
	struct world *w = *state;

	server_lane(w);
	accepted(w, "\"email\":\" John_Smith@Gmail.COM \"");
	is(w->r.email_sha256,
	    "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f");
	accepted(w, "\"phone\":\"+1 (650) 555-1212\"");
	is(w->r.phone_sha256,
	    "1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8");
	accepted(w, "\"phone\":\"0016505551212\"");
	is(w->r.phone_sha256,
	    "1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8");
	is(w->r.phone_digits_sha256,
	    "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176");
	refused(w, "\"phone\":\"call me\"", "phone");
	refused(w, "\"phone\":\"12345\"", "phone");
	refused(w, "\"email\":\"nobody\"", "email");
	accepted(w,
	    "\"email_sha256\":"
	    "\"62A14E44F765419D10FEA99367361A727C12365E2520F32218D505ED9AA0F6"
	    "2F\"");
	is(w->r.email_sha256,
	    "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f");
	refused(w, "\"email_sha256\":\"62\"", "email_sha256");
}

static void
gmail_addresses_are_hashed_as_google_wants_them_too(void **state)
{
	struct world *w = *state;

	server_lane(w);
	/* jane.doe+shoes@gmail.com and janedoe@gmail.com */
	accepted(w, "\"email\":\"Jane.Doe+Shoes@gmail.com\"");
	is(w->r.email_sha256,
	    "aaab3ed7f0381b60af3add1078c70e382fc6c23038a38fad4415290392693a0c");
	is(w->r.email_google_sha256,
	    "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69");
	/* Nothing to remove, and another's dots mean something. */
	accepted(w, "\"email\":\"janedoe@gmail.com\"");
	is(w->r.email_google_sha256, "");
	accepted(w, "\"email\":\"jane.doe+shoes@example.org\"");
	is(w->r.email_google_sha256, "");
}

static void
props_are_flat_and_few(void **state)
{
	struct world *w = *state;
	char text[1000] = "\"props\":{";
	size_t len = strlen(text);

	accepted(w, "\"props\":{\"a\":\"x\",\"b\":1.5}");
	is(w->r.props, "{\"a\":\"x\",\"b\":1.5}");
	accepted(w, "\"props\":{}");
	is(w->r.props, "");
	refused(w, "\"props\":{\"a\":{}}", "props");
	refused(w, "\"props\":{\"a\":null}", "props");
	refused(w, "\"props\":[1]", "props");
	refused(w, "\"props\":1", "props");
	for (int i = 0; i < 33; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "\"k%d\":1,", i);
	text[len - 1] = '}';
	refused(w, text, "props");
	assert_int_equal(w->no.metric, METRIC_REJECTED_SIZE);
}

static void
items_are_an_array_of_bounded_size(void **state)
{
	struct world *w = *state;
	static char text[20000];
	size_t len;

	accepted(w, "\"items\":[{\"id\":\"a\",\"qty\":2}]");
	is(w->r.items, "[{\"id\":\"a\",\"qty\":2}]");
	refused(w, "\"items\":{\"id\":1}", "items");
	len = (size_t)snprintf(text, sizeof(text), "\"items\":[\"");
	memset(text + len, 'x', 16384);
	memcpy(text + len + 16384 - 4, "\"]", 3);
	accepted(w, text);
	memset(text + len, 'x', 16384);
	memcpy(text + len + 16384 - 3, "\"]", 3);
	refused(w, text, "items");
}

static void
texts_that_describe_are_cut_and_others_refused(void **state)
{
	struct world *w = *state;
	static char text[5000];

	snprintf(text, sizeof(text), "\"title\":\"%0511d\xc3\xa9\"", 1);
	accepted(w, text);
	assert_int_equal(w->r.title.len, 511); /* not half a letter */
	snprintf(text, sizeof(text),
	    "\"url\":\"https://shop.example/"
	    "?utm_source=a&utm_campaign=%03000d\"",
	    1);
	accepted(w, text);
	is(w->r.url, "https://shop.example/?utm_source=a");
	snprintf(text, sizeof(text), "\"source\":\"%0200d\"", 1);
	accepted(w, text);
	snprintf(text, sizeof(text), "\"source\":\"%0201d\"", 1);
	refused(w, text, "source");
}

static void
unknown_fields_are_skipped_and_empty_ones_absent(void **state)
{
	struct world *w = *state;
	int64_t before = metrics_get(METRIC_HITS_UNKNOWN_FIELDS);

	accepted(w, "\"colour\":\"red\",\"value\":\"\",\"type\":null");
	is(w->r.type, "page");
	is(w->r.value, "");
	assert_int_equal(metrics_get(METRIC_HITS_UNKNOWN_FIELDS), before + 1);
}

static void
a_new_browser_gets_a_visitor_and_a_visit(void **state)
{
	struct world *w = *state;

	accepted(w, "\"url\":\"https://shop.example/\"");
	assert_true(w->cookies.visitor_new);
	assert_true(w->cookies.session_changed);
	is(w->r.visitor_id, w->cookies.who.id);
	is(w->r.session_id, w->cookies.visit.id);
	assert_int_equal(w->r.session_start, NOW);
}

static void
the_hits_of_one_request_share_visitor_and_visit(void **state)
{
	struct world *w = *state;
	char id[23];

	accepted(w, "\"url\":\"https://shop.example/\"");
	memcpy(id, w->cookies.who.id, sizeof(id));
	accepted(w, "\"url\":\"https://shop.example/2\"");
	is(w->r.visitor_id, id);
	assert_int_equal(w->r.session_start, NOW);
}

static void
the_cookie_wins_over_a_stated_visitor(void **state)
{
	struct world *w = *state;
	char text[VISITOR_COOKIE_MAX];
	struct visitor v;

	visitor_mint(&v, NOW - 1000);
	w->cookies.visitor = visitor_write(&v, w->cookies.key, text);
	accepted(w, "\"visitor_id\":\"mine\"");
	is(w->r.visitor_id, v.id);
	assert_false(w->cookies.visitor_new);
}

static void
a_stated_visitor_stays_in_a_lane_of_its_own(void **state)
{
	struct world *w = *state;

	accepted(w, "\"visitor_id\":\"mine\",\"session_id\":\"s1\"");
	is(w->r.visitor_id, "c.mine");
	is(w->r.session_id, "c.s1");
	assert_false(w->cookies.visitor_new);
	refused(w, "\"visitor_id\":\"a b\"", "visitor_id");
}

static void
a_forged_cookie_makes_a_new_visitor(void **state)
{
	struct world *w = *state;

	w->cookies.visitor =
	    STR("AAAAAAAAAAAAAAAAAAAAAA.1700000000.AAAAAAAAAAAAAAAAAAAAAA");
	accepted(w, "\"type\":\"page\"");
	assert_true(w->cookies.visitor_new);
	assert_false(str_is(w->r.visitor_id, "AAAAAAAAAAAAAAAAAAAAAA"));
}

static void
without_analytics_nothing_identifies(void **state)
{
	struct world *w = *state;

	w->cookies.visitor = STR("anything");
	accepted(w,
	    "\"consent\":{\"analytics_storage\":\"denied\"},"
	    "\"visitor_id\":\"x\",\"session_id\":\"y\",\"user_id\":\"z\","
	    "\"url\":\"https://shop.example/?utm_source=a&gclid=b\"");
	is(w->r.visitor_id, "");
	is(w->r.session_id, "");
	is(w->r.user_id, "");
	is(w->r.ip, "");
	is(w->r.user_agent, "");
	is(w->r.url, "https://shop.example/?utm_source=a");
	is(w->r.consent, "uduu");
	assert_false(w->cookies.visitor_new);
	assert_false(w->cookies.session_changed);
	assert_true(w->cookies.clear);
}

static void
gpc_outweighs_a_granted_consent(void **state)
{
	struct world *w = *state;

	w->ctx.gpc = true;
	accepted(w, "\"consent\":{\"ad_storage\":\"granted\","
		    "\"analytics_storage\":\"granted\"},"
		    "\"click_id\":\"gclid=1\"");
	is(w->r.consent, "dgdd");
	is(w->r.click_id, "");
	refused(w, "\"consent\":{\"ad_storage\":\"perhaps\"}", "consent");
	refused(w, "\"consent\":1", "consent");
}

static void
a_site_without_cookies_sets_none(void **state)
{
	struct world *w = *state;

	assert_true(take(w, "{\"site\":\"bare\",\"visitor_id\":\"x\"}"));
	is(w->r.visitor_id, "c.x");
	assert_false(w->cookies.visitor_new);
	assert_null(w->cookies.site);
}

static bool
query(struct world *w, const char *text)
{
	w->ctx.lane = HIT_PIXEL;
	return hit_from_query(&w->ctx, str_of(text), &w->r, &w->site, &w->no);
}

static void
a_query_says_the_same_as_json(void **state)
{
	struct world *w = *state;

	w->ctx.referer = STR("https://shop.example/page");
	assert_true(query(w,
	    "site=shop&type=conversion&value=9.5&currency=eur&order_id=A+1"
	    "&props=%7B%22a%22%3A1%7D&analytics_storage=granted"
	    "&new_customer=1&_=123"));
	is(w->r.lane, "pixel");
	is(w->r.type, "conversion");
	is(w->r.value, "9.5");
	is(w->r.currency, "EUR");
	is(w->r.order_id, "A 1");
	is(w->r.props, "{\"a\":1}");
	is(w->r.consent, "uguu");
	is(w->r.new_customer, "true");
	is(w->r.url, "https://shop.example/page");
	assert_false(query(w, "site=shop&value=NaN"));
	assert_false(query(w, "site=shop&items=nonsense"));
	assert_false(query(w, "site=nope"));
	assert_false(query(w, ""));
}

static void
of_a_repeated_parameter_the_first_counts(void **state)
{
	struct world *w = *state;

	assert_true(query(w, "site=shop&goal=a&goal=b&site=nope"));
	is(w->r.goal, "a");
}

static void
bad_bytes_in_a_header_become_u_fffd(void **state)
{
	struct world *w = *state;
	struct error err;
	struct buf out = { 0 };
	struct record again;
	static char bytes[600];

	w->ctx.user_agent = STR("a\xff"
				"b\xc3\xa9\xe2\x82");
	accepted(w, "\"type\":\"page\"");
	is(w->r.user_agent, "a\xef\xbf\xbd"
			    "b\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd");
	memset(bytes, 0xfe, sizeof(bytes));
	w->ctx.user_agent = str_make(bytes, sizeof(bytes));
	accepted(w, "\"type\":\"page\"");
	assert_true(w->r.user_agent.len <= 512);
	assert_true(record_encode(&w->r, &out, &err));
	assert_true(record_decode(&again, buf_str(&out), w->arena, &err));
	assert_true(str_eq(again.user_agent, w->r.user_agent));
	buf_free(&out);
}

static void
the_key_is_the_best_id_there_is(void **state)
{
	struct record r = { .event_id = STR("e") };

	(void)state;
	is(record_key(&r), "e");
	r.order_id = STR("o");
	is(record_key(&r), "o");
	r.user_id = STR("u");
	is(record_key(&r), "u");
	r.visitor_id = STR("v");
	is(record_key(&r), "v");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_bare_hit_is_a_page_with_a_minted_id),
		TEST(the_host_implies_the_site),
		TEST(a_value_is_a_small_positive_decimal),
		TEST(a_browser_has_a_cap_and_a_server_has_not),
		TEST(a_currency_is_three_letters),
		TEST(event_ids_have_their_pattern),
		TEST(types_are_those_of_the_list),
		TEST(times_are_ms_or_rfc_3339),
		TEST(the_server_lane_has_a_window),
		TEST(only_servers_state_what_identifies_a_person),
		TEST(email_and_phone_are_normalised_and_hashed),
		TEST(gmail_addresses_are_hashed_as_google_wants_them_too),
		TEST(props_are_flat_and_few),
		TEST(items_are_an_array_of_bounded_size),
		TEST(texts_that_describe_are_cut_and_others_refused),
		TEST(unknown_fields_are_skipped_and_empty_ones_absent),
		TEST(a_new_browser_gets_a_visitor_and_a_visit),
		TEST(the_hits_of_one_request_share_visitor_and_visit),
		TEST(the_cookie_wins_over_a_stated_visitor),
		TEST(a_stated_visitor_stays_in_a_lane_of_its_own),
		TEST(a_forged_cookie_makes_a_new_visitor),
		TEST(without_analytics_nothing_identifies),
		TEST(gpc_outweighs_a_granted_consent),
		TEST(a_site_without_cookies_sets_none),
		TEST(a_query_says_the_same_as_json),
		TEST(of_a_repeated_parameter_the_first_counts),
		TEST(bad_bytes_in_a_header_become_u_fffd),
		TEST(the_key_is_the_best_id_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
