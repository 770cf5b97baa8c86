/*
 * segment.c - a write key names the site. Those that stand in pages are no
 * secret; one that only servers know makes an event a verified one, unless a
 * page has sent it: then it is out.
 */
#include "collector/segment.h"

#include "collector/cors.h"
#include "common/digest.h"

static const char *const page_keys[] = { "url", "path", "referrer", "search",
	"title", "name", NULL };
static const char *const order_keys[] = { "order_id", "orderId", "revenue",
	"total", "value", "currency", "products", NULL };

static const char *const members[] = { "type", "event", "name", "category",
	"properties", "context", "userId", "anonymousId", "previousId",
	"groupId", "messageId", "timestamp", "originalTimestamp", "sentAt",
	"receivedAt", "writeKey", "channel", "version", "integrations",
	"_metadata", NULL };
static const char *const context_members[] = { "page", "campaign", "locale",
	"userAgent", "userAgentData", "ip", "library", "sessionId",
	"sessionStart", "timezone", NULL };

static const struct {
	struct str name, kind;
} endpoints[] = {
	{ STR("track"), STR("track") },
	{ STR("t"), STR("track") },
	{ STR("page"), STR("page") },
	{ STR("p"), STR("page") },
	{ STR("identify"), STR("identify") },
	{ STR("i"), STR("identify") },
	{ STR("screen"), STR("screen") },
	{ STR("s"), STR("screen") },
	{ STR("group"), STR("group") },
	{ STR("g"), STR("group") },
	{ STR("alias"), STR("alias") },
	{ STR("a"), STR("alias") },
	{ STR("batch"), STR("batch") },
	{ STR("b"), STR("batch") },
	{ STR("import"), STR("batch") },
};

static struct str
either(struct str a, struct str b)
{
	return a.len > 0 ? a : b;
}

static struct str
order_id(const struct json *props)
{
	return either(foreign_member(props, "order_id"),
	    foreign_member(props, "orderId"));
}

static void
order(struct foreign *f, const struct json *props)
{
	const struct json *items = json_find(props, "products");
	struct str revenue = foreign_member(props, "revenue");
	struct str total = foreign_member(props, "total");

	foreign_id(f, "order_id", order_id(props));
	foreign_value(
	    f, either(either(revenue, total), foreign_member(props, "value")));
	foreign_currency(f, foreign_member(props, "currency"));
	if (items != NULL && items->type == JSON_ARRAY)
		foreign_items(f, items->raw);
	foreign_props(f, props, order_keys);
}

static void
track(struct foreign *f, const struct json *event)
{
	const struct json *props = json_find(event, "properties");
	struct str name = foreign_member(event, "event");

	if (str_ieq(name, STR("Order Completed")) ||
	    str_ieq(name, STR("Completed Order"))) {
		foreign_text(f, "type", STR("conversion"));
		order(f, props);
	} else if (str_ieq(name, STR("Order Refunded"))) {
		foreign_text(f, "type", STR("refund"));
		order(f, props);
	} else {
		foreign_text(f, "type", STR("event"));
		foreign_text(f, "name", name);
		foreign_props(f, props, NULL);
	}
}

static void
by_kind(struct foreign *f, const struct json *event, struct str kind)
{
	const struct json *props = json_find(event, "properties");
	struct str name = foreign_member(event, "name");

	if (str_is(kind, "track")) {
		track(f, event);
	} else if (str_is(kind, "page")) {
		foreign_text(f, "type", STR("page"));
		foreign_props(f, props, page_keys);
	} else if (str_is(kind, "screen")) {
		foreign_text(f, "type", STR("event"));
		foreign_text(f, "name", STR("screen"));
		foreign_prop(f, STR("screen"), name, false);
		foreign_props(f, props, page_keys);
	} else if (str_is(kind, "group")) {
		foreign_text(f, "type", STR("event"));
		foreign_text(f, "name", STR("group"));
		foreign_prop(f, STR("group_id"),
		    foreign_member(event, "groupId"), false);
	} else if (str_is(kind, "identify") || str_is(kind, "alias")) {
		/* What is known of the person is not kept. */
		foreign_text(f, "type", STR("identify"));
	} else {
		foreign_bad(f, "type", "is none of Segment's");
	}
}

static void
context(struct foreign *f, const struct json *event)
{
	static const char *const campaign[][2] = { { "source", "source" },
		{ "medium", "medium" }, { "name", "campaign" },
		{ "term", "term" }, { "content", "content" } };
	const struct json *c = json_find(event, "context");
	const struct json *page = json_find(c, "page");
	const struct json *props = json_find(event, "properties");
	const struct json *tags = json_find(c, "campaign");

	foreign_text(f, "url",
	    either(foreign_member(page, "url"), foreign_member(props, "url")));
	foreign_text(f, "referrer",
	    either(foreign_member(page, "referrer"),
		foreign_member(props, "referrer")));
	foreign_text(f, "title",
	    either(
		foreign_member(page, "title"), foreign_member(props, "title")));
	for (size_t i = 0; i < sizeof(campaign) / sizeof(campaign[0]); i++)
		foreign_text(
		    f, campaign[i][1], foreign_member(tags, campaign[i][0]));
	foreign_text(f, "language", foreign_member(c, "locale"));
	foreign_own_id(f, "session_id", foreign_member(c, "sessionId"));
	if (f->lane != HIT_BROWSER) {
		foreign_text(f, "user_agent", foreign_member(c, "userAgent"));
		foreign_text(f, "ip", foreign_member(c, "ip"));
	}
}

void
segment_read(struct foreign *f, const struct json *event, struct str kind,
    struct str sent_at)
{
	struct str stated = foreign_member(event, "type");
	struct str own = foreign_member(event, "sentAt");

	if (event->type != JSON_OBJECT) {
		foreign_bad(f, "", "an event is an object");
		return;
	}
	kind = either(stated, kind);
	foreign_id(f, "event_id", foreign_member(event, "messageId"));
	foreign_own_id(f, "visitor_id",
	    str_is(kind, "alias") ? foreign_member(event, "previousId")
				  : foreign_member(event, "anonymousId"));
	foreign_id(f, "user_id", foreign_member(event, "userId"));
	foreign_time(f, "time",
	    either(foreign_member(event, "timestamp"),
		foreign_member(event, "originalTimestamp")));
	foreign_time(f, "sent_at", either(own, sent_at));
	context(f, event);
	by_kind(f, event, kind);
	foreign_unknown_members(f, event, members);
	foreign_unknown_members(
	    f, json_find(event, "context"), context_members);
}

/* The write key of "Basic base64(KEY:)"; empty if it is none. */
static struct str
basic_key(struct request *r)
{
	struct str field = http_header(r->http, "Authorization");
	ptrdiff_t at;
	char *out;
	size_t len;

	if (!str_istarts(field, STR("Basic ")))
		return STR_EMPTY;
	field = str_trim(str_from(field, 6));
	out = arena_alloc(r->arena, field.len / 4 * 3 + 3);
	if (!digest_unbase64(field, out, &len))
		return STR_EMPTY;
	at = str_find_char(str_make(out, len), ':');
	return str_make(out, at >= 0 ? (size_t)at : len);
}

static const struct site *
site_of(struct request *r, struct str key, enum hit_lane *lane)
{
	const struct site *site =
	    sites_by_name(r->shared->sites, COMPATIBLE_SEGMENT_SECRET, key);
	bool header = http_header(r->http, "Authorization").len > 0;

	*lane = header && !foreign_by_page(r) ? HIT_COMPATIBLE : HIT_BROWSER;
	if (site == NULL)
		return sites_by_name(r->shared->sites, COMPATIBLE_SEGMENT, key);
	if (!foreign_by_page(r))
		*lane = HIT_SERVER;
	return site;
}

static bool
take(struct request *r, struct foreign *f, const struct json *event,
    struct str kind, struct str key, struct str sent_at)
{
	enum hit_lane lane;
	const struct site *site =
	    site_of(r, either(key, foreign_member(event, "writeKey")), &lane);

	foreign_start(f, r->arena, lane, r->context.now_ms);
	segment_read(f, event, kind, sent_at);
	return foreign_take(r, f, site, "writeKey is none of our segment_keys",
		   METRIC_COMPATIBLE_SEGMENT) == FOREIGN_LATER;
}

/* What analytics-next asks for before it sends anything: only ourselves as
 * the place to send to. */
static void
settings(struct request *r, struct str key)
{
	struct buf out = { 0 }, host = { 0 };
	struct json_writer w = json_write(&out);
	struct str base = str_of(r->shared->set->paths.segment);

	foreign_context(r);
	if (sites_by_name(r->shared->sites, COMPATIBLE_SEGMENT, key) == NULL)
		foreign_refuse(r, METRIC_REJECTED_SITE, "",
		    "writeKey is none of our segment_keys");
	buf_add_str(&host, r->http->host);
	buf_add_str(&host, base);
	json_begin_object(&w);
	json_key(&w, STR("integrations"));
	json_begin_object(&w);
	json_key(&w, STR("Segment.io"));
	json_begin_object(&w);
	json_key(&w, STR("apiKey"));
	json_string(&w, key);
	json_key(&w, STR("apiHost"));
	json_string(&w, buf_str(&host));
	json_key(&w, STR("unbundledIntegrations"));
	json_raw(&w, STR("[]"));
	json_key(&w, STR("addBundledMetadata"));
	json_bool(&w, true);
	json_end_object(&w);
	json_end_object(&w);
	json_key(&w, STR("plan"));
	json_raw(&w, STR("{\"track\":{\"__default\":{\"enabled\":true,"
			 "\"integrations\":{}}},\"identify\":{\"__default\":"
			 "{\"enabled\":true}},\"group\":{\"__default\":"
			 "{\"enabled\":true}}}"));
	json_key(&w, STR("edgeFunction"));
	json_raw(&w, STR("{}"));
	json_key(&w, STR("analyticsNextEnabled"));
	json_bool(&w, true);
	json_key(&w, STR("middlewareSettings"));
	json_raw(&w, STR("{}"));
	json_key(&w, STR("enabledMiddleware"));
	json_raw(&w, STR("{}"));
	json_key(&w, STR("legacyVideoPluginsEnabled"));
	json_bool(&w, false);
	json_key(&w, STR("remotePlugins"));
	json_raw(&w, STR("[]"));
	json_end_object(&w);
	foreign_answer(r, false, 200, "application/json", buf_str(&out));
	buf_free(&out);
	buf_free(&host);
}

/* The part of the path behind the setting's, without its slash. */
static struct str
endpoint(struct request *r)
{
	struct str base = str_of(r->shared->set->paths.segment);

	return str_from(r->http->path, base.len + 1);
}

/* NULL when there is no such endpoint. */
static const struct str *
kind_of(struct str name)
{
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
		if (str_eq(endpoints[i].name, name))
			return &endpoints[i].kind;
	}
	return NULL;
}

static bool
take_all(struct request *r, const struct json *root, struct str kind)
{
	struct foreign *f = arena_alloc(r->arena, sizeof(*f));
	const struct json *list = json_find(root, "batch"), *e;
	struct str key = either(basic_key(r), foreign_member(root, "writeKey"));
	struct str sent_at = foreign_member(root, "sentAt");
	bool later = false;

	if (list == NULL)
		return take(r, f, root, kind, key, sent_at);
	if (list->type != JSON_ARRAY || list->count > FOREIGN_EVENTS_MAX) {
		foreign_refuse(r, METRIC_REJECTED_SIZE, "batch",
		    "must be an array of at most 500");
		return false;
	}
	for (e = list->child; e != NULL; e = e->next)
		later |= take(r, f, e, STR_EMPTY, key, sent_at);
	return later;
}

void
segment_handle(struct request *r)
{
	struct str name = endpoint(r), rest = name, key;
	const struct str *kind = kind_of(name);
	const struct json *root;
	bool answered;

	if (str_cut(&rest, '/', &key) && str_is(key, "projects") &&
	    str_cut(&rest, '/', &key) && str_is(rest, "settings") &&
	    r->http->method == HTTP_GET) {
		settings(r, key);
		return;
	}
	if (kind == NULL) {
		request_refuse(r, 404, "there is nothing here");
		return;
	}
	if (r->http->method == HTTP_OPTIONS) {
		cors_preflight(r, "POST, OPTIONS");
		return;
	}
	if (r->http->method != HTTP_POST) {
		exchange_header(r->exchange, "Allow", STR("POST, OPTIONS"));
		request_refuse(r, 405, "this method is not served here");
		return;
	}
	foreign_context(r);
	root = foreign_body(r, &answered);
	if (answered)
		return;
	if (root == NULL) {
		foreign_answer(r, false, 400, "application/json",
		    STR("{\"success\":false}"));
		return;
	}
	foreign_answer(r, take_all(r, root, *kind), 200, "application/json",
	    STR("{\"success\":true}"));
}
