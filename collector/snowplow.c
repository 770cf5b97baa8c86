/*
 * snowplow.c - short keys to our inputs; self-describing JSON comes plain or
 * as base64url, and what it describes is told by its schema's name.
 */
#include "collector/snowplow.h"

#include "collector/cors.h"
#include "common/digest.h"

#define ENTITIES_MAX 64

static const char *const transaction_keys[] = { "transaction_id", "revenue",
	"currency", NULL };
static const char *const refund_keys[] = { "transaction_id", "refund_amount",
	"currency", NULL };
static const char *const action_keys[] = { "type", NULL };
/* Of the tracker, the browser and its clock. */
static const char *const passed_over[] = { "aid", "p", "tv", "tna", "dtm",
	"stm", "ttm", "tz", "vp", "ds", "cs", "cd", "cookie", "vid", "duid",
	"tnuid", "nuid", "ua", "ip", "evn", NULL };
static const char *const known_entities[] = { "transaction", "refund",
	"product", "web_page", "client_session", "http_client_hints", NULL };

enum hit_lane
snowplow_lane(const struct params *p)
{
	struct str platform = params_get(p, "p");

	return platform.len == 0 || str_is(platform, "web") ? HIT_BROWSER
							    : HIT_COMPATIBLE;
}

/* The JSON of P's PLAIN or base64 CODED key; NULL if neither is there or,
 * with *BAD, if it is not JSON. */
static const struct json *
part(struct foreign *f, const struct params *p, const char *plain,
    const char *coded, bool *bad)
{
	struct str text = params_get(p, plain);
	const struct json *root;

	*bad = false;
	if (text.len == 0) {
		struct str code = params_get(p, coded);
		char *out;
		size_t len;

		if (code.len == 0)
			return NULL;
		out = arena_alloc(f->arena, code.len / 4 * 3 + 3);
		if (!digest_unbase64(code, out, &len)) {
			*bad = true;
			return NULL;
		}
		text = str_make(out, len);
	}
	root = json_read(f->arena, text, NULL);
	*bad = root == NULL;
	return root;
}

/* "page_ping" of "iglu:com.snowplow/page_ping/jsonschema/1-0-0". */
static struct str
schema_name(const struct json *described)
{
	struct str rest = foreign_member(described, "schema"), piece;

	if (!str_cut(&rest, '/', &piece) || !str_cut(&rest, '/', &piece))
		return STR_EMPTY;
	return piece;
}

/* The data of the first entity called NAME in CONTEXTS. */
static const struct json *
entity(const struct json *contexts, const char *name)
{
	const struct json *list = json_find(contexts, "data");
	const struct json *e = list != NULL ? list->child : NULL;

	for (size_t i = 0; e != NULL && i < ENTITIES_MAX; e = e->next, i++) {
		if (str_is(schema_name(e), name))
			return json_find(e, "data");
	}
	return NULL;
}

static void
unknown_entities(struct foreign *f, const struct json *contexts)
{
	const struct json *list = json_find(contexts, "data");
	const struct json *e = list != NULL ? list->child : NULL;

	for (size_t i = 0; !f->nothing && e != NULL && i < ENTITIES_MAX;
	     e = e->next, i++) {
		struct str name = schema_name(e);

		if (!foreign_listed(name, known_entities))
			foreign_dropped(f, name);
	}
}

/* All products as one array. */
static void
products(struct foreign *f, const struct json *contexts)
{
	const struct json *list = json_find(contexts, "data");
	const struct json *e = list != NULL ? list->child : NULL;
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);
	size_t found = 0;

	json_begin_array(&w);
	for (size_t i = 0; e != NULL && i < ENTITIES_MAX; e = e->next, i++) {
		const struct json *data = json_find(e, "data");

		if (!str_is(schema_name(e), "product") || data == NULL)
			continue;
		json_raw(&w, data->raw);
		found++;
	}
	json_end_array(&w);
	if (found > 0)
		foreign_items(f, arena_str(f->arena, buf_str(&out)));
	buf_free(&out);
}

static void
shop_action(
    struct foreign *f, const struct json *data, const struct json *contexts)
{
	struct str type = foreign_member(data, "type");
	const struct json *e;

	products(f, contexts);
	foreign_props(f, data, action_keys);
	if (str_is(type, "transaction")) {
		e = entity(contexts, "transaction");
		foreign_text(f, "type", STR("conversion"));
		foreign_id(f, "order_id", foreign_member(e, "transaction_id"));
		foreign_value(f, foreign_member(e, "revenue"));
		foreign_currency(f, foreign_member(e, "currency"));
		foreign_props(f, e, transaction_keys);
		if (e == NULL)
			foreign_bad(f, "co", "has no transaction entity");
	} else if (str_is(type, "refund")) {
		e = entity(contexts, "refund");
		foreign_text(f, "type", STR("refund"));
		foreign_id(f, "order_id", foreign_member(e, "transaction_id"));
		foreign_value(f, foreign_member(e, "refund_amount"));
		foreign_currency(f, foreign_member(e, "currency"));
		foreign_props(f, e, refund_keys);
	} else {
		foreign_text(f, "type", STR("event"));
		foreign_text(f, "name",
		    type.len > 0 ? type : STR("snowplow_ecommerce_action"));
	}
}

static void
self_describing(
    struct foreign *f, const struct params *p, const struct json *contexts)
{
	bool bad;
	const struct json *root = part(f, p, "ue_pr", "ue_px", &bad);
	const struct json *event = json_find(root, "data");
	const struct json *data = json_find(event, "data");
	struct str name = schema_name(event);

	if (bad || event == NULL || name.len == 0) {
		foreign_bad(f, "ue_pr", "or ue_px is no self-describing JSON");
		return;
	}
	if (str_is(name, "snowplow_ecommerce_action")) {
		shop_action(f, data, contexts);
		return;
	}
	foreign_text(f, "type", STR("event"));
	foreign_text(f, "name", name);
	foreign_props(f, data, NULL);
}

static void
prop_of(struct foreign *f, const struct params *p, const char *theirs,
    const char *name)
{
	foreign_prop(f, str_of(name), params_get(p, theirs), false);
}

static void
by_kind(struct foreign *f, const struct params *p, const struct json *contexts)
{
	struct str kind = params_get(p, "e");
	struct str name = params_get(p, "se_ac");

	if (str_is(kind, "pv")) {
		foreign_text(f, "type", STR("page"));
	} else if (str_is(kind, "pp")) {
		f->nothing = true;
	} else if (str_is(kind, "se")) {
		foreign_text(f, "type", STR("event"));
		foreign_text(f, "name", name.len > 0 ? name : STR("event"));
		prop_of(f, p, "se_ca", "category");
		prop_of(f, p, "se_la", "label");
		prop_of(f, p, "se_pr", "property");
		prop_of(f, p, "se_va", "value");
	} else if (str_is(kind, "ue")) {
		self_describing(f, p, contexts);
	} else if (str_is(kind, "tr")) {
		foreign_text(f, "type", STR("conversion"));
		foreign_id(f, "order_id", params_get(p, "tr_id"));
		foreign_value(f, params_get(p, "tr_tt"));
		foreign_currency(f, params_get(p, "tr_cu"));
		prop_of(f, p, "tr_af", "affiliation");
		prop_of(f, p, "tr_tx", "tax");
		prop_of(f, p, "tr_sh", "shipping");
	} else if (str_is(kind, "ti")) {
		foreign_text(f, "type", STR("event"));
		foreign_text(f, "name", STR("transaction_item"));
		prop_of(f, p, "ti_id", "order_id");
		prop_of(f, p, "ti_sk", "sku");
		prop_of(f, p, "ti_nm", "item");
		prop_of(f, p, "ti_ca", "category");
		prop_of(f, p, "ti_pr", "price");
		prop_of(f, p, "ti_qu", "quantity");
	} else {
		foreign_bad(f, "e", "is not pv, pp, se, ue, tr or ti");
	}
}

void
snowplow_read(struct foreign *f, const struct params *p)
{
	bool bad;
	const struct json *contexts = part(f, p, "co", "cx", &bad);
	struct str time = params_get(p, "ttm");
	struct str visitor = params_get(p, "duid");

	if (bad)
		foreign_bad(f, "co", "or cx is no JSON");
	foreign_id(f, "event_id", params_get(p, "eid"));
	foreign_own_id(f, "visitor_id",
	    visitor.len > 0 ? visitor : params_get(p, "tnuid"));
	foreign_own_id(f, "session_id", params_get(p, "sid"));
	foreign_id(f, "user_id", params_get(p, "uid"));
	foreign_time(f, "time", time.len > 0 ? time : params_get(p, "dtm"));
	foreign_time(f, "sent_at", params_get(p, "stm"));
	foreign_text(f, "url", params_get(p, "url"));
	foreign_text(f, "referrer", params_get(p, "refr"));
	foreign_text(f, "title", params_get(p, "page"));
	foreign_text(f, "language", params_get(p, "lang"));
	foreign_text(f, "screen", params_get(p, "res"));
	if (f->lane == HIT_COMPATIBLE) {
		foreign_text(f, "user_agent", params_get(p, "ua"));
		foreign_text(f, "ip", params_get(p, "ip"));
	}
	by_kind(f, p, contexts);
	unknown_entities(f, contexts);
	foreign_unknown_params(f, p, passed_over);
}

/* The app id names the site; without one the host does. */
static const struct site *
site_of(struct request *r, const struct params *p)
{
	struct str id = params_get(p, "aid");
	const struct site *site = NULL;

	if (id.len > 0)
		site = sites_by_name(r->shared->sites, COMPATIBLE_SNOWPLOW, id);
	return site != NULL ? site
			    : sites_by_host(r->shared->sites, r->http->host);
}

static bool
take(struct request *r, struct foreign *f, const struct params *p)
{
	foreign_start(f, r->arena, snowplow_lane(p), r->context.now_ms);
	snowplow_read(f, p);
	return foreign_take(r, f, site_of(r, p),
		   "aid is none of our snowplow_app_ids",
		   METRIC_COMPATIBLE_SNOWPLOW) == FOREIGN_LATER;
}

void
snowplow_handle(struct request *r)
{
	struct foreign *f = arena_alloc(r->arena, sizeof(*f));
	const struct json *root, *list, *e;
	struct params p;
	bool later = false, answered;
	size_t n = 0;

	if (r->http->method == HTTP_OPTIONS) {
		cors_preflight(r, "POST, OPTIONS");
		return;
	}
	if (r->http->method == HTTP_HEAD) {
		foreign_image(r, false);
		return;
	}
	foreign_context(r);
	/* Asks not to be told apart by what only the network knows. */
	if (http_header(r->http, "SP-Anonymous").len > 0)
		r->context.ip = STR_EMPTY;
	if (r->http->method == HTTP_GET) {
		p = params_new(r->arena);
		params_query(&p, r->arena, r->http->query);
		foreign_image(r, take(r, f, &p));
		return;
	}
	root = foreign_body(r, &answered);
	if (answered)
		return;
	list = json_find(root, "data");
	if (root != NULL && (list == NULL || list->type != JSON_ARRAY))
		foreign_refuse(
		    r, METRIC_REJECTED_JSON, "data", "must be an array");
	else if (list != NULL && list->count > FOREIGN_EVENTS_MAX)
		foreign_refuse(r, METRIC_REJECTED_SIZE, "data", "is too long");
	else
		for (e = list != NULL ? list->child : NULL;
		     e != NULL && n < FOREIGN_EVENTS_MAX; e = e->next, n++) {
			p = params_new(r->arena);
			params_json(&p, e);
			later |= take(r, f, &p);
		}
	foreign_answer(r, later, 200, "text/plain", STR("ok"));
}
