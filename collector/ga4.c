/*
 * ga4.c - events by their recommended names: page_view, purchase and refund
 * are what they say, all others are events.
 */
#include "collector/ga4.h"

#include <stdio.h>

#include "collector/cors.h"

#define EVENTS_MAX 25 /* as theirs */

static const char *const known_params[] = { "transaction_id", "value",
	"currency", "items", "page_location", "page_referrer", "page_title",
	"language", "screen_resolution", "session_id", "engagement_time_msec",
	"source", "medium", "campaign", "term", "content", "debug_mode", NULL };

static const char *const event_members[] = { "name", "params",
	"timestamp_micros", NULL };
static const char *const root_members[] = { "client_id", "app_instance_id",
	"user_id", "timestamp_micros", "consent", "events", "user_agent",
	"ip_override", "validation_behavior", "non_personalized_ads", NULL };
/* Of the tag, the page's load and the browser. */
static const char *const passed_over[] = { "v", "tid", "gtm", "_p", "_s",
	"_line", "sct", "seg", "_et", "_fv", "_ss", "_nsi", "_ee", "_eu", "_tu",
	"_gid", "gcd", "npa", "dma", "dma_cps", "pscdl", "frm", "uaa", "uab",
	"uafvl", "uamb", "uam", "uap", "uapv", "uaw", "are", "tag_exp", "tfd",
	"gdid", "ir", "ngs", "ep.value", "ep.currency", NULL };

/* --- what both have in common ----------------------------------------------
 */
static void
by_name(struct foreign *f, struct str name)
{
	if (str_is(name, "page_view")) {
		foreign_text(f, "type", STR("page"));
	} else if (str_is(name, "purchase")) {
		foreign_text(f, "type", STR("conversion"));
	} else if (str_is(name, "refund")) {
		foreign_text(f, "type", STR("refund"));
	} else if (str_is(name, "user_engagement")) {
		f->nothing = true;
	} else if (name.len == 0) {
		foreign_bad(f, "name", "of an event is missing");
	} else {
		foreign_text(f, "type", STR("event"));
		foreign_text(f, "name", name);
	}
}

/* --- the Measurement Protocol -----------------------------------------------
 */
static void
consent(struct foreign *f, const struct json *root)
{
	const struct json *c = json_find(root, "consent");
	static const char *const purposes[] = { "ad_user_data",
		"ad_personalization" };

	for (size_t i = 0; i < 2; i++) {
		struct str said = foreign_member(c, purposes[i]);

		if (str_ieq(said, STR("granted")))
			foreign_text(f, purposes[i], STR("granted"));
		else if (str_ieq(said, STR("denied")))
			foreign_text(f, purposes[i], STR("denied"));
	}
}

static bool
read_micros(struct foreign *f, const struct json *object)
{
	int64_t micros;

	if (!str_int(foreign_member(object, "timestamp_micros"), 0, INT64_MAX,
		&micros))
		return false;
	foreign_time_ms(f, micros / 1000);
	return true;
}

void
ga4_read_event(struct foreign *f, const struct json *root,
    const struct json *event, size_t at)
{
	const struct json *params = json_find(event, "params");
	const struct json *items = json_find(params, "items");
	static const char *const same[] = { "source", "medium", "campaign",
		"term", "content" };

	by_name(f, foreign_member(event, "name"));
	foreign_own_id(f, "visitor_id", foreign_member(root, "client_id"));
	foreign_id(f, "user_id", foreign_member(root, "user_id"));
	foreign_own_id(f, "session_id", foreign_member(params, "session_id"));
	if (read_micros(f, event) || read_micros(f, root))
		foreign_made_id(f, arena_printf(f->arena, "%zu\n%.*s", at,
				       STR_ARG(root->raw)));
	consent(f, root);
	foreign_text(f, "url", foreign_member(params, "page_location"));
	foreign_text(f, "referrer", foreign_member(params, "page_referrer"));
	foreign_text(f, "title", foreign_member(params, "page_title"));
	foreign_text(f, "language", foreign_member(params, "language"));
	foreign_text(f, "screen", foreign_member(params, "screen_resolution"));
	foreign_text(f, "user_agent", foreign_member(root, "user_agent"));
	foreign_text(f, "ip", foreign_member(root, "ip_override"));
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		foreign_text(f, same[i], foreign_member(params, same[i]));
	foreign_id(f, "order_id", foreign_member(params, "transaction_id"));
	foreign_value(f, foreign_member(params, "value"));
	foreign_currency(f, foreign_member(params, "currency"));
	if (items != NULL)
		foreign_items(f, items->raw);
	foreign_props(f, params, known_params);
	foreign_unknown_members(f, event, event_members);
	foreign_unknown_members(f, root, root_members);
}

static const struct site *
mp_site(struct request *r, struct str *secret)
{
	struct params p = params_new(r->arena);

	params_query(&p, r->arena, r->http->query);
	*secret = params_get(&p, "api_secret");
	return sites_by_name(
	    r->shared->sites, COMPATIBLE_GA4, params_get(&p, "measurement_id"));
}

void
ga4_handle(struct request *r)
{
	struct foreign *f = arena_alloc(r->arena, sizeof(*f));
	const struct json *root, *list, *e;
	const struct site *site;
	struct str secret;
	bool answered, later = false;
	size_t at = 0;

	foreign_context(r);
	site = mp_site(r, &secret);
	root = foreign_body(r, &answered);
	if (answered)
		return;
	list = json_find(root, "events");
	if (root != NULL && (list == NULL || list->type != JSON_ARRAY ||
				list->count > EVENTS_MAX)) {
		foreign_refuse(r, METRIC_REJECTED_JSON, "events",
		    "must be an array of at most 25");
		list = NULL;
	}
	for (e = list != NULL ? list->child : NULL; e != NULL;
	     e = e->next, at++) {
		const struct texts *secrets =
		    site ? &site->compatible.ga4_secrets : NULL;
		bool good = secrets && compatible_secret(secrets, secret);

		foreign_start(f, r->arena, good ? HIT_SERVER : HIT_COMPATIBLE,
		    r->context.now_ms);
		if (secrets && secrets->count > 0 && !good)
			foreign_unproven(f, "api_secret",
			    "is none of the site's ga4_secrets");
		ga4_read_event(f, root, e, at);
		later |= foreign_take(r, f, site,
			     "measurement_id is none of our ga4_ids",
			     METRIC_COMPATIBLE_GA4) == FOREIGN_LATER;
	}
	foreign_answer(r, later, 204, "", STR_EMPTY);
}

/* --- the same, only checked
 * --------------------------------------------------- */
static void
message(
    struct json_writer *w, const char *path, const char *why, const char *code)
{
	json_begin_object(w);
	json_key(w, STR("fieldPath"));
	json_string(w, str_of(path));
	json_key(w, STR("description"));
	json_string(w, str_of(why));
	json_key(w, STR("validationCode"));
	json_string(w, str_of(code));
	json_end_object(w);
}

static void
check_event(struct request *r, struct json_writer *w, const struct site *site,
    const struct json *root, const struct json *e, size_t at)
{
	struct foreign *f = arena_alloc(r->arena, sizeof(*f));
	struct hit_context ctx = r->context;
	struct hit_refusal no = { 0 };
	struct record rec;
	size_t count;
	char path[64];

	snprintf(path, sizeof(path), "events[%zu]", at);
	ctx.lane = HIT_COMPATIBLE;
	foreign_start(f, r->arena, HIT_COMPATIBLE, r->context.now_ms);
	ga4_read_event(f, root, e, at);
	if (f->no != NULL) {
		no.field = f->no_field;
		no.why = f->no;
	} else if (site != NULL && !f->nothing) {
		const struct hit_pair *pair = foreign_pairs(f, &count);

		if (hit_from_pairs(&ctx, site, pair, count, &rec, &no))
			return;
	} else {
		return;
	}
	message(w, path, arena_printf(r->arena, "%s %s", no.field, no.why).data,
	    "VALUE_INVALID");
}

void
ga4_handle_debug(struct request *r)
{
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);
	const struct json *root, *list, *e;
	const struct site *site;
	struct str secret;
	bool answered;
	size_t at = 0;

	foreign_context(r);
	site = mp_site(r, &secret);
	root = foreign_body(r, &answered);
	if (answered)
		return;
	list = json_find(root, "events");
	json_begin_object(&w);
	json_key(&w, STR("validationMessages"));
	json_begin_array(&w);
	if (site == NULL)
		message(&w, "measurement_id", "is none of our ga4_ids",
		    "VALUE_INVALID");
	else if (site->compatible.ga4_secrets.count > 0 &&
		 !compatible_secret(&site->compatible.ga4_secrets, secret))
		message(&w, "api_secret", "is none of the site's ga4_secrets",
		    "VALUE_INVALID");
	if (root == NULL)
		message(&w, "", "the body is no JSON", "VALUE_INVALID");
	else if (foreign_member(root, "client_id").len == 0)
		message(&w, "client_id", "is missing", "VALUE_REQUIRED");
	if (root != NULL && (list == NULL || list->type != JSON_ARRAY))
		message(&w, "events", "must be an array", "VALUE_REQUIRED");
	else if (list != NULL && list->count > EVENTS_MAX)
		message(
		    &w, "events", "are more than 25", "EXCEEDED_MAX_ENTITIES");
	else
		for (e = list != NULL ? list->child : NULL; e != NULL;
		     e = e->next, at++)
			check_event(r, &w, site, root, e, at);
	json_end_array(&w);
	json_end_object(&w);
	foreign_answer(r, false, 200, "application/json", buf_str(&out));
	buf_free(&out);
}

/* --- gtag
 * --------------------------------------------------------------------- */
/* "idsku~nmMug~pr9.5~qt2" of pr1, pr2... as objects. */
static void
gtag_items(struct foreign *f, const struct params *p)
{
	static const char *const names[][2] = { { "id", "item_id" },
		{ "nm", "item_name" }, { "pr", "price" }, { "qt", "quantity" },
		{ "ca", "item_category" }, { "br", "item_brand" },
		{ "va", "item_variant" } };
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);
	size_t found = 0;

	json_begin_array(&w);
	for (size_t i = 0; i < p->count; i++) {
		struct str name = p->at[i].name, rest = p->at[i].value, part;
		int64_t n;

		if (!str_starts(name, STR("pr")) ||
		    !str_int(str_from(name, 2), 1, 200, &n))
			continue;
		found++;
		p->at[i].asked = true;
		json_begin_object(&w);
		for (unsigned seen = 0; str_cut(&rest, '~', &part);) {
			for (size_t k = 0; k < 7; k++) {
				if (seen >> k & 1 ||
				    !str_starts(part, str_of(names[k][0])))
					continue;
				seen |= 1u << k;
				json_key(&w, str_of(names[k][1]));
				json_string(&w, str_from(part, 2));
			}
		}
		json_end_object(&w);
	}
	json_end_array(&w);
	if (found > 0)
		foreign_items(f, arena_str(f->arena, buf_str(&out)));
	buf_free(&out);
}

/* gcs=G1ab: a is ad_storage, b analytics_storage; - says nothing. */
static void
gtag_consent(struct foreign *f, struct str gcs)
{
	static const char *const purposes[] = { "ad_storage",
		"analytics_storage" };

	if (gcs.len != 4 || !str_starts(gcs, STR("G1")))
		return;
	for (size_t i = 0; i < 2; i++) {
		if (gcs.data[2 + i] == '1')
			foreign_text(f, purposes[i], STR("granted"));
		else if (gcs.data[2 + i] == '0')
			foreign_text(f, purposes[i], STR("denied"));
	}
}

static void
gtag_props(struct foreign *f, const struct params *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct str name = p->at[i].name;
		bool number = str_starts(name, STR("epn."));
		int64_t micros;

		if (!number && !str_starts(name, STR("ep.")))
			continue;
		p->at[i].asked = true;
		name = str_from(name, number ? 4 : 3);
		if (str_is(name, "transaction_id") || str_is(name, "value") ||
		    str_is(name, "currency"))
			continue;
		/* "01" is a number for them, but not in JSON. */
		number = number && str_micros(p->at[i].value, &micros) &&
			 p->at[i].value.data[0] >= '1';
		foreign_prop(f, name, p->at[i].value, number);
	}
}

void
ga4_read_gtag(struct foreign *f, const struct params *p)
{
	static const char *const tags[][2] = { { "cs", "source" },
		{ "cm", "medium" }, { "cn", "campaign" }, { "ck", "term" },
		{ "ct", "term" }, { "cc", "content" } };
	struct str value = params_get(p, "epn.value");
	struct str currency = params_get(p, "cu");

	if (!str_is(params_get(p, "v"), "2")) {
		foreign_bad(f, "v", "is not 2");
		return;
	}
	by_name(f, params_get(p, "en"));
	foreign_own_id(f, "visitor_id", params_get(p, "cid"));
	foreign_own_id(f, "session_id", params_get(p, "sid"));
	foreign_id(f, "user_id", params_get(p, "uid"));
	/* _p is random for each page, _s counts its hits. */
	if (params_get(p, "_p").len > 0 && params_get(p, "_s").len > 0)
		foreign_made_id(
		    f, arena_printf(f->arena, "%.*s\n%.*s\n%.*s\n%.*s\n%.*s",
			   STR_ARG(params_get(p, "cid")),
			   STR_ARG(params_get(p, "_p")),
			   STR_ARG(params_get(p, "_s")),
			   STR_ARG(params_get(p, "en")),
			   STR_ARG(params_get(p, "_line"))));
	foreign_text(f, "url", params_get(p, "dl"));
	foreign_text(f, "referrer", params_get(p, "dr"));
	foreign_text(f, "title", params_get(p, "dt"));
	foreign_text(f, "language", params_get(p, "ul"));
	foreign_text(f, "screen", params_get(p, "sr"));
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		foreign_text(f, tags[i][1], params_get(p, tags[i][0]));
	foreign_id(f, "order_id", params_get(p, "ep.transaction_id"));
	foreign_value(f, value.len > 0 ? value : params_get(p, "ep.value"));
	foreign_currency(
	    f, currency.len > 0 ? currency : params_get(p, "ep.currency"));
	gtag_consent(f, params_get(p, "gcs"));
	gtag_items(f, p);
	gtag_props(f, p);
	foreign_unknown_params(f, p, passed_over);
}

void
ga4_handle_gtag(struct request *r)
{
	struct foreign *f = arena_alloc(r->arena, sizeof(*f));
	struct str body = STR_EMPTY, line;
	bool later = false;
	size_t n = 0;

	if (r->http->method == HTTP_OPTIONS) {
		cors_preflight(r, "GET, POST, OPTIONS");
		return;
	}
	if (r->http->method == HTTP_HEAD) {
		foreign_answer(r, false, 204, "", STR_EMPTY);
		return;
	}
	foreign_context(r);
	if (r->http->method == HTTP_POST && !request_body(r, &body))
		return;
	if (body.len == 0)
		body = STR("\n"); /* all of it is in the query */
	while (str_cut(&body, '\n', &line) && n < EVENTS_MAX) {
		struct params p = params_new(r->arena);

		line = str_trim(line);
		if (line.len == 0 && n > 0)
			continue;
		/* What the line says goes before what all have. */
		params_query(&p, r->arena, line);
		params_query(&p, r->arena, r->http->query);
		params_query(
		    &p, r->arena, arena_printf(r->arena, "_line=%zu", n++));
		foreign_start(f, r->arena, HIT_BROWSER, r->context.now_ms);
		ga4_read_gtag(f, &p);
		later |= foreign_take(r, f,
			     sites_by_name(r->shared->sites, COMPATIBLE_GA4,
				 params_get(&p, "tid")),
			     "tid is none of our ga4_ids",
			     METRIC_COMPATIBLE_GA4) == FOREIGN_LATER;
	}
	foreign_answer(r, later, 204, "", STR_EMPTY);
}
