/*
 * test_compatible.c - what the clients of other systems send, and the record
 * it becomes; what is broken is refused with a reason and never crashes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "collector/ga4.h"
#include "collector/matomo.h"
#include "collector/plausible.h"
#include "collector/segment.h"
#include "collector/snowplow.h"
#include "collector/umami.h"
#include "common/digest.h"

#define NOW INT64_C(1700000000000)

static char *app_ids[] = { (char *)"web-shop" };
static struct site site_list[] = {
	{ .id = (char *)"shop",
	    .keep_network = true,
	    .compatible = { .snowplow_app_ids = { app_ids, 1 } } },
};
static const struct sites sites = { .list = { site_list, 1 } };

struct world {
	struct arena *arena;
	struct foreign f;
	struct record r;
	struct hit_refusal no;
	bool taken;
};

static int
setup(void **state)
{
	static struct world w;

	w.arena = arena_new(65536);
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	arena_free(((struct world *)*state)->arena);
	return 0;
}

static void
begin(struct world *w, enum hit_lane lane)
{
	foreign_start(&w->f, w->arena, lane, NOW);
}

/* Makes the record of what was read into w->f. */
static void
make(struct world *w)
{
	struct hit_context ctx = { .lane = w->f.lane,
		.sites = &sites,
		.arena = w->arena,
		.now_ms = NOW,
		.ip = STR("203.0.113.0"),
		.user_agent = STR("Mozilla/5.0 header") };
	const struct hit_pair *pair;
	size_t count;

	w->no = (struct hit_refusal){ "", "", METRIC_REJECTED_FIELD };
	w->taken = false;
	if (w->f.no != NULL || w->f.nothing)
		return;
	pair = foreign_pairs(&w->f, &count);
	w->taken =
	    hit_from_pairs(&ctx, &site_list[0], pair, count, &w->r, &w->no);
}

static const struct json *
tree(struct world *w, const char *text)
{
	const struct json *root = json_read(w->arena, str_of(text), NULL);

	assert_non_null(root);
	return root;
}

#define assert_text(found, wanted)                                             \
	do {                                                                   \
		struct str found_ = (found);                                   \
		char copy_[9000];                                              \
		snprintf(copy_, sizeof(copy_), "%.*s", STR_ARG(found_));       \
		assert_string_equal(copy_, wanted);                            \
	} while (0)

static void
snowplow(struct world *w, const char *query)
{
	struct params p = params_new(w->arena);

	params_query(&p, w->arena, str_of(query));
	begin(w, snowplow_lane(&p));
	snowplow_read(&w->f, &p);
	make(w);
}

static struct str
coded(struct world *w, const char *text)
{
	char *out = arena_alloc(w->arena, DIGEST_BASE64_MAX(strlen(text)));
	size_t len = digest_base64url(text, strlen(text), out);

	return str_make(out, len);
}

static void
a_snowplow_page_view_keeps_its_ids_and_its_age(void **state)
{
	struct world *w = *state;

	snowplow(w, "e=pv&eid=6f2d8a52-0000-4000-8000-000000000001&aid=web-shop"
		    "&duid=d-1&sid=s-1&uid=cust-1&p=web&dtm=1000&stm=3000"
		    "&url=https%3A%2F%2Fshop.example%2F%3Futm_source%3Dx&page=T"
		    "&ua=stated&ip=8.8.8.8&unheard=of");
	assert_true(w->taken);
	assert_text(w->r.type, "page");
	assert_text(w->r.event_id, "6f2d8a52-0000-4000-8000-000000000001");
	assert_text(w->r.visitor_id, "c.d-1");
	assert_text(w->r.session_id, "c.s-1");
	assert_text(w->r.user_id, "cust-1");
	assert_text(w->r.lane, "browser");
	assert_int_equal(w->r.sent_at - w->r.time, 2000);
	/* A page's client is what its header says. */
	assert_text(w->r.user_agent, "Mozilla/5.0 header");
	assert_text(w->r.ip, "203.0.113.0");
}

static void
a_snowplow_server_names_the_browser_it_speaks_for(void **state)
{
	struct world *w = *state;

	snowplow(w, "e=se&se_ca=c&se_ac=play&se_va=2&p=srv&duid=d-1"
		    "&ua=Stated%2F1&ip=198.51.100.77&dtm=1");
	assert_true(w->taken);
	assert_text(w->r.lane, "compatible");
	assert_text(w->r.name, "play");
	assert_text(w->r.user_agent, "Stated/1");
	assert_text(w->r.ip, "198.51.100.0");
	assert_text(w->r.props, "{\"category\":\"c\",\"value\":\"2\"}");
}

#define UE                                                                     \
	"{\"schema\":\"iglu:com.snowplowanalytics.snowplow/unstruct_event/"    \
	"jsonschema/1-0-0\",\"data\":{\"schema\":\"iglu:com."                  \
	"snowplowanalytics.snowplow.ecommerce/snowplow_ecommerce_action/"      \
	"jsonschema/1-0-2\",\"data\":{\"type\":\"%s\"}}}"
#define CO                                                                     \
	"{\"schema\":\"iglu:x/contexts/jsonschema/1-0-0\",\"data\":["          \
	"{\"schema\":\"iglu:a/product/jsonschema/1-0-0\",\"data\":"            \
	"{\"id\":\"mug\"}},{\"schema\":\"iglu:a/%s/jsonschema/1-0-0\","        \
	"\"data\":%s}]}"

static void
shop_action(struct world *w, const char *type, const char *entity)
{
	char ue[800], co[1600], query[4000];
	struct str a, b;

	snprintf(ue, sizeof(ue), UE, type);
	snprintf(co, sizeof(co), CO, type, entity);
	a = coded(w, ue);
	b = coded(w, co);
	snprintf(query, sizeof(query), "e=ue&duid=d&ue_px=%.*s&cx=%.*s",
	    STR_ARG(a), STR_ARG(b));
	snowplow(w, query);
}

static void
snowplow_transactions_and_refunds_are_conversions_and_refunds(void **state)
{
	struct world *w = *state;

	shop_action(w, "transaction",
	    "{\"transaction_id\":\"T1\",\"revenue\":49.9,\"currency\":\"eur\","
	    "\"tax\":1}");
	assert_true(w->taken);
	assert_text(w->r.type, "conversion");
	assert_text(w->r.order_id, "T1");
	assert_text(w->r.value, "49.9");
	assert_text(w->r.currency, "EUR");
	assert_text(w->r.items, "[{\"id\":\"mug\"}]");
	assert_text(w->r.props, "{\"tax\":1}");
	shop_action(w, "refund",
	    "{\"transaction_id\":\"T1\",\"refund_amount\":5,"
	    "\"currency\":\"EUR\"}");
	assert_true(w->taken);
	assert_text(w->r.type, "refund");
	assert_text(w->r.value, "5");
	shop_action(w, "add_to_cart", "{}");
	assert_true(w->taken);
	assert_text(w->r.name, "add_to_cart");
}

static void
the_old_snowplow_shop_is_understood_and_pings_say_nothing(void **state)
{
	struct world *w = *state;

	snowplow(w, "e=tr&tr_id=O1&tr_tt=20&tr_cu=USD&tr_tx=2");
	assert_true(w->taken);
	assert_text(w->r.order_id, "O1");
	assert_text(w->r.value, "20");
	snowplow(w, "e=ti&ti_id=O1&ti_sk=mug");
	assert_text(w->r.name, "transaction_item");
	snowplow(w, "e=pp&url=https%3A%2F%2Fx.example%2F");
	assert_true(w->f.nothing);
}

static void
broken_snowplow_parts_are_refused_with_a_reason(void **state)
{
	struct world *w = *state;

	snowplow(w, "e=ue&ue_px=%%%25");
	assert_string_equal(w->f.no_field, "ue_pr");
	snowplow(w, "e=ue&ue_px=eyJhIjox"); /* {"a":1 */
	assert_string_equal(w->f.no_field, "ue_pr");
	snowplow(w, "e=ue&ue_pr=%7B%7D");
	assert_string_equal(w->f.no_field, "ue_pr");
	snowplow(w, "e=pv&cx=AAAA");
	assert_string_equal(w->f.no_field, "co");
	snowplow(w, "e=zz");
	assert_string_equal(w->f.no_field, "e");
	snowplow(w, "e=tr&tr_id=1&tr_tt=lots");
	assert_false(w->taken);
	assert_string_equal(w->no.field, "value");
}

static void
matomo(struct world *w, enum hit_lane lane, const char *query)
{
	struct params p = params_new(w->arena);

	params_query(&p, w->arena, str_of(query));
	begin(w, lane);
	matomo_read(&w->f, &p);
	make(w);
}

static void
a_matomo_order_is_a_conversion_and_a_cart_is_not(void **state)
{
	struct world *w = *state;

	matomo(w, HIT_BROWSER,
	    "idsite=1&rec=1&r=9&_id=0123456789abcdef&uid=u&idgoal=0&ec_id=A"
	    "&revenue=12.5&ec_dt=false&ec_items="
	    "[[\"sku\",\"Mug\",\"c\",9.5,2]]&dimension1=gold");
	assert_true(w->taken);
	assert_text(w->r.type, "conversion");
	assert_text(w->r.visitor_id, "c.0123456789abcdef");
	assert_text(w->r.order_id, "A");
	assert_text(w->r.value, "12.5");
	assert_text(w->r.items, "[{\"sku\":\"sku\",\"name\":\"Mug\",\"category"
				"\":\"c\",\"price\":9.5,\"quantity\":2}]");
	assert_text(
	    w->r.props, "{\"discount\":\"false\",\"dimension1\":\"gold\"}");
	matomo(w, HIT_BROWSER, "idsite=1&rec=1&idgoal=0&revenue=12.5");
	assert_text(w->r.type, "event");
	assert_text(w->r.name, "cart_update");
	matomo(w, HIT_BROWSER, "idsite=1&rec=1&idgoal=3&revenue=2");
	assert_text(w->r.type, "conversion");
	assert_text(w->r.goal, "matomo-3");
}

static void
matomo_requests_of_every_kind(void **state)
{
	static const char *const kinds[][2] = { { "e_c=video&e_a=play",
						    "play" },
		{ "download=https://x/y.pdf", "download" },
		{ "link=https://x/", "outbound_link" },
		{ "search=mugs&search_count=3", "search" },
		{ "c_n=banner&c_i=click", "content_interaction" },
		{ "ca=1", "custom" } };
	struct world *w = *state;
	char query[200];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		snprintf(
		    query, sizeof(query), "idsite=1&rec=1&%s", kinds[i][0]);
		matomo(w, HIT_BROWSER, query);
		assert_true(w->taken);
		assert_text(w->r.name, kinds[i][1]);
	}
	matomo(w, HIT_BROWSER, "idsite=1&rec=1&ping=1");
	assert_true(w->f.nothing);
	matomo(w, HIT_BROWSER, "idsite=1&url=x");
	assert_string_equal(w->f.no_field, "rec");
	matomo(w, HIT_BROWSER,
	    "idsite=1&rec=1&url=https%3A%2F%2Fs.example%2F%3Fmtm_source%3Dnews"
	    "%26mtm_campaign%3DMay");
	assert_text(w->r.source, "news");
	assert_text(w->r.campaign, "May");
}

static void
matomo_addresses_and_old_times_need_the_token(void **state)
{
	struct world *w = *state;

	matomo(w, HIT_BROWSER,
	    "idsite=1&rec=1&cip=198.51.100.7&cdt=2023-11-01%2000:00:00");
	assert_text(w->r.ip, "203.0.113.0");
	assert_int_equal(w->r.time, 0);
	matomo(w, HIT_SERVER,
	    "idsite=1&rec=1&cip=198.51.100.7&cdt=2023-11-01%2000:00:00&cid=ab");
	assert_true(w->taken);
	assert_text(w->r.ip, "198.51.100.0");
	assert_true(w->r.time == INT64_C(1698796800000));
	assert_text(w->r.lane, "server");
	assert_text(w->r.visitor_id, "c.ab");
}

static void
the_same_matomo_request_twice_has_one_id(void **state)
{
	struct world *w = *state;
	struct str first;

	matomo(w, HIT_BROWSER, "idsite=1&rec=1&rand=5&url=a");
	first = w->r.event_id;
	matomo(w, HIT_BROWSER, "idsite=1&rec=1&rand=5&url=a");
	assert_true(str_eq(first, w->r.event_id));
	matomo(w, HIT_BROWSER, "idsite=1&rec=1&rand=6&url=a");
	assert_false(str_eq(first, w->r.event_id));
}

static void
segment(struct world *w, enum hit_lane lane, const char *text)
{
	begin(w, lane);
	segment_read(&w->f, tree(w, text), STR("track"), STR_EMPTY);
	make(w);
}

static void
segment_orders_campaigns_and_refunds(void **state)
{
	struct world *w = *state;

	segment(w, HIT_BROWSER,
	    "{\"event\":\"Order Completed\",\"messageId\":\"ajs-1\","
	    "\"anonymousId\":\"an\",\"userId\":\"u\",\"properties\":{"
	    "\"order_id\":\"O\",\"total\":30,\"revenue\":2.5e1,\"currency\":"
	    "\"USD\",\"products\":[{\"sku\":\"x\"}],\"coupon\":\"C\","
	    "\"email\":\"a@b.example\",\"deep\":{\"email\":\"x\"}},"
	    "\"context\":{\"campaign\":{\"source\":\"s\",\"medium\":\"m\","
	    "\"name\":\"n\"},\"page\":{\"url\":\"https://s.example/t\"}}}");
	assert_true(w->taken);
	assert_text(w->r.type, "conversion");
	assert_text(w->r.event_id, "ajs-1");
	assert_text(w->r.order_id, "O");
	assert_text(w->r.value, "25.000000");
	assert_text(w->r.campaign, "n");
	assert_text(w->r.items, "[{\"sku\":\"x\"}]");
	/* Nothing of a person. */
	assert_text(w->r.props, "{\"coupon\":\"C\"}");
	segment(w, HIT_BROWSER,
	    "{\"event\":\"Order "
	    "Refunded\",\"properties\":{\"order_id\":\"O\"}}");
	assert_true(w->taken);
	assert_text(w->r.type, "refund");
	assert_text(w->r.value, "");
}

static void
segment_identify_alias_page_and_group(void **state)
{
	struct world *w = *state;

	segment(w, HIT_BROWSER,
	    "{\"type\":\"identify\",\"anonymousId\":\"an\",\"userId\":\"u\","
	    "\"traits\":{\"email\":\"a@b.example\"}}");
	assert_text(w->r.type, "identify");
	assert_text(w->r.props, "");
	segment(w, HIT_SERVER,
	    "{\"type\":\"alias\",\"previousId\":\"an\",\"userId\":\"u\"}");
	assert_text(w->r.type, "identify");
	assert_text(w->r.visitor_id, "c.an");
	segment(w, HIT_BROWSER,
	    "{\"type\":\"page\",\"properties\":{\"url\":\"https://s/\",\"a\":1,"
	    "\"b\":true,\"c\":null}}");
	assert_text(w->r.url, "https://s/");
	assert_text(w->r.props, "{\"a\":1,\"b\":\"true\"}");
	segment(w, HIT_BROWSER, "{\"type\":\"group\",\"groupId\":\"g\"}");
	assert_text(w->r.name, "group");
	segment(w, HIT_BROWSER, "{\"type\":\"dance\"}");
	assert_string_equal(w->f.no_field, "type");
	segment(w, HIT_BROWSER, "{\"event\":5e9999}");
	assert_true(w->taken);
	segment(w, HIT_BROWSER, "[]");
	assert_false(w->taken);
}

static void
props_are_bounded(void **state)
{
	struct world *w = *state;
	struct buf text = { 0 };
	const struct json *props;

	buf_printf(&text,
	    "{\"event\":\"e\",\"messageId\":\"%0100d\","
	    "\"properties\":{",
	    1);
	for (int i = 0; i < 60; i++)
		buf_printf(&text, "%s\"k%d\":\"\\u0001%0900d\"",
		    i > 0 ? "," : "", i, i);
	buf_printf(&text, "}}");
	segment(w, HIT_BROWSER, buf_text(&text));
	assert_true(w->taken);
	props = json_read(w->arena, w->r.props, NULL);
	assert_non_null(props);
	assert_in_range(props->count, 1, FOREIGN_PROPS_MAX);
	/* An id too long for us stays one: hashed. */
	assert_int_equal(w->r.event_id.len, 34);
	buf_free(&text);
}

static void
ga4(struct world *w, enum hit_lane lane, const char *text)
{
	const struct json *root = tree(w, text);

	begin(w, lane);
	ga4_read_event(&w->f, root, json_find(root, "events")->child, 0);
	make(w);
}

static void
a_measurement_protocol_purchase(void **state)
{
	struct world *w = *state;

	ga4(w, HIT_SERVER,
	    "{\"client_id\":\"1.2\",\"timestamp_micros\":1699999999000000,"
	    "\"consent\":{\"ad_user_data\":\"DENIED\"},\"events\":[{\"name\":"
	    "\"purchase\",\"params\":{\"transaction_id\":\"T\",\"value\":9.99,"
	    "\"currency\":\"USD\",\"session_id\":\"77\",\"items\":[{\"item_id"
	    "\":\"a\"}],\"coupon\":\"c\"}}]}");
	assert_true(w->taken);
	assert_text(w->r.lane, "server");
	assert_text(w->r.visitor_id, "c.1.2");
	assert_text(w->r.session_id, "c.77");
	assert_text(w->r.order_id, "T");
	assert_text(w->r.consent, "uudu");
	assert_true(w->r.time == INT64_C(1699999999000));
	assert_text(w->r.props, "{\"coupon\":\"c\"}");
	ga4(w, HIT_SERVER, "{\"events\":[{\"name\":\"user_engagement\"}]}");
	assert_true(w->f.nothing);
	ga4(w, HIT_SERVER, "{\"events\":[7]}");
	assert_string_equal(w->f.no_field, "name");
}

static void
gtag(struct world *w, const char *query)
{
	struct params p = params_new(w->arena);

	params_query(&p, w->arena, str_of(query));
	begin(w, HIT_BROWSER);
	ga4_read_gtag(&w->f, &p);
	make(w);
}

static void
a_gtag_purchase_with_items_and_consent(void **state)
{
	struct world *w = *state;

	gtag(w, "v=2&tid=G-1&cid=1.2&sid=77&_p=1&_s=2&en=purchase&cu=EUR"
		"&epn.value=12.5&ep.transaction_id=T&ep.coupon=c&epn.tax=1.5"
		"&pr1=idmug~nmMug~pr6.25~qt2&cs=s&cm=m&cn=n&gcs=G101");
	assert_true(w->taken);
	assert_text(w->r.type, "conversion");
	assert_text(w->r.value, "12.5");
	assert_text(w->r.currency, "EUR");
	assert_text(w->r.source, "s");
	assert_text(w->r.campaign, "n");
	assert_text(w->r.consent, "dguu");
	assert_text(w->r.items, "[{\"item_id\":\"mug\",\"item_name\":\"Mug\","
				"\"price\":\"6.25\",\"quantity\":\"2\"}]");
	assert_text(w->r.props, "{\"coupon\":\"c\",\"tax\":1.5}");
	/* Denied: nothing that tells one person from another. */
	gtag(w, "v=2&cid=1.2&sid=7&en=page_view&gcs=G100");
	assert_text(w->r.visitor_id, "");
	gtag(w, "v=1&en=page_view");
	assert_string_equal(w->f.no_field, "v");
}

static void
plausible_and_umami(void **state)
{
	struct world *w = *state;

	begin(w, HIT_BROWSER);
	plausible_read(&w->f,
	    tree(w, "{\"n\":\"Purchase\",\"u\":\"https://s.example/\",\"d\":"
		    "\"shop\",\"p\":\"{\\\"order_id\\\":\\\"O\\\",\\\"a\\\":"
		    "\\\"b\\\"}\",\"$\":{\"amount\":12.5,\"currency\":"
		    "\"EUR\"}}"));
	make(w);
	assert_true(w->taken);
	assert_text(w->r.type, "conversion");
	assert_text(w->r.order_id, "O");
	assert_text(w->r.value, "12.5");
	assert_text(w->r.props, "{\"a\":\"b\"}");
	begin(w, HIT_BROWSER);
	plausible_read(&w->f, tree(w, "{\"n\":\"engagement\"}"));
	assert_true(w->f.nothing);
	begin(w, HIT_BROWSER);
	plausible_read(&w->f, tree(w, "[1]"));
	assert_non_null(w->f.no);

	begin(w, HIT_BROWSER);
	umami_read(&w->f,
	    tree(w, "{\"type\":\"event\",\"payload\":{\"website\":\"shop\","
		    "\"hostname\":\"s.example\",\"url\":\"/?utm_source=x\","
		    "\"name\":\"signup\",\"data\":{\"revenue\":3,\"currency\":"
		    "\"USD\"}}}"));
	make(w);
	assert_true(w->taken);
	assert_text(w->r.goal, "signup");
	assert_text(w->r.url, "https://s.example/?utm_source=x");
	begin(w, HIT_BROWSER);
	umami_read(&w->f, tree(w, "{\"payload\":[]}"));
	assert_non_null(w->f.no);
}

/* Whatever a client sends beyond what we know: it is taken, and told. */
static void
what_is_not_kept_is_named(void **state)
{
	struct world *w = *state;

	snowplow(w, "e=pv&aid=a&tv=t&tz=x&p=web&unheard=of&tr_co=Norway");
	assert_true(w->taken);
	assert_string_equal(w->f.dropped, "unheard, tr_co");
	snowplow(w, "e=pp&unheard=of");
	assert_string_equal(w->f.dropped, "");
	matomo(w, HIT_BROWSER,
	    "idsite=7&rec=1&r=5&pf_net=3&dimension1=x&bw_bytes=9&empty=");
	assert_true(w->taken);
	assert_string_equal(w->f.dropped, "bw_bytes");
	segment(w, HIT_BROWSER,
	    "{\"event\":\"e\",\"traits\":{},\"odd\":1,\"integrations\":{\"a\":"
	    "true},\"context\":{\"library\":{},\"device\":{\"id\":1}},"
	    "\"properties\":{\"deep\":{},\"phone\":\"1\"}}");
	assert_true(w->taken);
	assert_string_equal(w->f.dropped, "deep, phone, odd, device");
	ga4(w, HIT_COMPATIBLE,
	    "{\"client_id\":\"1\",\"user_properties\":{\"a\":{}},\"events\":[{"
	    "\"name\":\"e\",\"params\":{\"x\":1},\"more\":1}]}");
	assert_string_equal(w->f.dropped, "more, user_properties");
	gtag(w, "v=2&tid=G&cid=1.2&sid=7&en=e&ep.x=1&up.plan=a&pr1=idx");
	assert_string_equal(w->f.dropped, "up.plan");
	/* As many names as there is room for; all are counted. */
	snowplow(w,
	    "e=pv&a2345678901234567890123456789012345678901234567890=1"
	    "&b2345678901234567890123456789012345678901234567890=1&c=1");
	assert_true(w->taken);
	assert_string_equal(w->f.dropped,
	    "a2345678901234567890123456789012345678901234567890, c");
}

static void
base64_of_either_alphabet_is_read_and_nothing_else(void **state)
{
	char out[16];
	size_t len;

	(void)state;
	assert_true(digest_unbase64(STR("_-8"), out, &len));
	assert_int_equal(len, 2);
	assert_true(digest_unbase64(STR("/+8="), out, &len));
	assert_memory_equal(out, "\xff\xef", 2);
	assert_true(digest_unbase64(STR_EMPTY, out, &len));
	assert_int_equal(len, 0);
	assert_false(digest_unbase64(STR("abcde"), out, &len));
	assert_false(digest_unbase64(STR("ab d"), out, &len));
	assert_false(digest_unbase64(STR("a==="), out, &len));
}

static void
a_foreign_name_or_our_own_id_finds_the_site(void **state)
{
	(void)state;
	assert_ptr_equal(
	    sites_by_name(&sites, COMPATIBLE_SNOWPLOW, STR("web-shop")),
	    &site_list[0]);
	assert_ptr_equal(sites_by_name(&sites, COMPATIBLE_MATOMO, STR("shop")),
	    &site_list[0]);
	assert_null(sites_by_name(&sites, COMPATIBLE_MATOMO, STR("web-shop")));
	/* A write key has to be listed. */
	assert_null(sites_by_name(&sites, COMPATIBLE_SEGMENT, STR("shop")));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_snowplow_page_view_keeps_its_ids_and_its_age),
		T(a_snowplow_server_names_the_browser_it_speaks_for),
		T(snowplow_transactions_and_refunds_are_conversions_and_refunds),
		T(the_old_snowplow_shop_is_understood_and_pings_say_nothing),
		T(broken_snowplow_parts_are_refused_with_a_reason),
		T(a_matomo_order_is_a_conversion_and_a_cart_is_not),
		T(matomo_requests_of_every_kind),
		T(matomo_addresses_and_old_times_need_the_token),
		T(the_same_matomo_request_twice_has_one_id),
		T(segment_orders_campaigns_and_refunds),
		T(segment_identify_alias_page_and_group),
		T(props_are_bounded),
		T(a_measurement_protocol_purchase),
		T(a_gtag_purchase_with_items_and_consent),
		T(plausible_and_umami),
		T(what_is_not_kept_is_named),
		T(base64_of_either_alphabet_is_read_and_nothing_else),
		T(a_foreign_name_or_our_own_id_finds_the_site),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
