/*
 * matomo.c - one parameter decides what a request is: an order, a goal, an
 * event, a download, a search; what has none of them is a page.
 */
#include "collector/matomo.h"

#include <stdlib.h>

#include "collector/cors.h"
#include "common/calendar.h"

/* Of the request, the browser and its clock; and what visits are made of,
 * which we make ourselves. */
static const char *const passed_over[] = { "idsite", "rec", "apiv",
	"token_auth", "r", "rand", "h", "m", "s", "_id", "cid", "_idn", "_idts",
	"_idvc", "_viewts", "_rcn", "_rck", "_ref", "_refts", "pv_id", "cookie",
	"uadata", "cs", "ua", "lang", "cip", "cdt", "cdo", "ca", "bots", "dp",
	"send_image", "queuedtracking", "new_visit", "pf_net", "pf_srv",
	"pf_tfr", "pf_dm1", "pf_dm2", "pf_onl", "gt_ms", "pdf", "qt", "realp",
	"wma", "fla", "java", "ag", "dir", "gears", NULL };

static struct str
param(const struct params *p, const char *name)
{
	return params_get(p, name);
}

/* [[sku, name, category, price, quantity], ...] with names. */
static void
read_items(struct foreign *f, struct str text)
{
	static const char *const names[] = { "sku", "name", "category", "price",
		"quantity" };
	const struct json *root =
	    text.len > 0 ? json_read(f->arena, text, NULL) : NULL;
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);

	if (root == NULL || root->type != JSON_ARRAY) {
		if (text.len > 0)
			foreign_dropped(f, STR("ec_items"));
		return;
	}
	json_begin_array(&w);
	for (const struct json *i = root->child; i != NULL; i = i->next) {
		const struct json *v = i->child;

		json_begin_object(&w);
		for (size_t n = 0; n < 5 && v != NULL; n++, v = v->next) {
			if (v->type != JSON_STRING && v->type != JSON_NUMBER)
				continue;
			json_key(&w, str_of(names[n]));
			json_raw(&w, v->raw);
		}
		json_end_object(&w);
	}
	json_end_array(&w);
	foreign_items(f, arena_str(f->arena, buf_str(&out)));
	buf_free(&out);
}

static void
prop_of(struct foreign *f, const struct params *p, const char *theirs,
    const char *name)
{
	foreign_prop(f, str_of(name), param(p, theirs), false);
}

static void
event(struct foreign *f, struct str name)
{
	foreign_text(f, "type", STR("event"));
	foreign_text(f, "name", name);
}

/* idgoal=0 is the shop: with an order id an order, else the cart as it is. */
static void
shop(struct foreign *f, const struct params *p)
{
	struct str order = param(p, "ec_id");

	read_items(f, param(p, "ec_items"));
	if (order.len == 0) {
		event(f, STR("cart_update"));
		prop_of(f, p, "revenue", "revenue");
		return;
	}
	foreign_text(f, "type", STR("conversion"));
	foreign_id(f, "order_id", order);
	foreign_value(f, param(p, "revenue"));
	prop_of(f, p, "ec_st", "subtotal");
	prop_of(f, p, "ec_tx", "tax");
	prop_of(f, p, "ec_sh", "shipping");
	prop_of(f, p, "ec_dt", "discount");
}

static void
by_kind(struct foreign *f, const struct params *p)
{
	struct str goal = param(p, "idgoal");

	if (str_is(goal, "0")) {
		shop(f, p);
	} else if (goal.len > 0) {
		foreign_text(f, "type", STR("conversion"));
		foreign_text(f, "goal",
		    arena_printf(f->arena, "matomo-%.*s", STR_ARG(goal)));
		foreign_value(f, param(p, "revenue"));
	} else if (str_is(param(p, "ping"), "1")) {
		f->nothing = true;
	} else if (param(p, "e_c").len > 0 || param(p, "e_a").len > 0) {
		event(f, param(p, "e_a").len > 0 ? param(p, "e_a")
						 : param(p, "e_c"));
		prop_of(f, p, "e_c", "category");
		prop_of(f, p, "e_n", "label");
		prop_of(f, p, "e_v", "value");
	} else if (param(p, "download").len > 0) {
		event(f, STR("download"));
		prop_of(f, p, "download", "target");
	} else if (param(p, "link").len > 0) {
		event(f, STR("outbound_link"));
		prop_of(f, p, "link", "target");
	} else if (param(p, "search").len > 0) {
		event(f, STR("search"));
		prop_of(f, p, "search", "term");
		prop_of(f, p, "search_cat", "category");
		prop_of(f, p, "search_count", "results");
	} else if (param(p, "c_n").len > 0) {
		event(f, param(p, "c_i").len > 0 ? STR("content_interaction")
						 : STR("content_impression"));
		prop_of(f, p, "c_n", "content");
		prop_of(f, p, "c_p", "piece");
		prop_of(f, p, "c_t", "target");
	} else if (str_is(param(p, "ca"), "1")) {
		event(f, STR("custom"));
	} else {
		foreign_text(f, "type", STR("page"));
	}
}

/*
 * `cdt` is seconds since 1970 or "2026-01-31 12:00:00" in UTC, `cdo` how many
 * seconds ago. Without a token a day back is believed, as Matomo does.
 */
static void
read_time(struct foreign *f, const struct params *p)
{
	struct str at = param(p, "cdt"), ago = param(p, "cdo");
	int64_t s, ms = -1;

	if (str_int(at, 0, INT64_C(1) << 40, &s)) {
		ms = s * 1000;
	} else if (at.len == 19 && at.data[10] == ' ') {
		struct str text = arena_printf(
		    f->arena, "%.*sT%.*sZ", 10, at.data, 8, at.data + 11);

		if (!calendar_parse_instant(text, &ms))
			ms = -1;
	} else if (str_int(ago, 0, INT64_C(1) << 40, &s)) {
		ms = f->now_ms - s * 1000;
	}
	if (ms >= 0 && (f->lane == HIT_SERVER ||
			   (ms <= f->now_ms && ms > f->now_ms - DAY_MS)))
		foreign_time_ms(f, ms);
	else if (at.len > 0)
		foreign_dropped(f, STR("cdt"));
}

/* Custom dimensions go to props under their own names. */
static void
dimensions(struct foreign *f, const struct params *p)
{
	for (size_t i = 0; i < p->count; i++) {
		if (!str_starts(p->at[i].name, STR("dimension")))
			continue;
		p->at[i].asked = true;
		foreign_prop(f, p->at[i].name, p->at[i].value, false);
	}
}

/* Every request has a random number: one with all the same is the same. */
static void
name_it(struct foreign *f, const struct params *p)
{
	struct buf all = { 0 };

	if (param(p, "rand").len == 0 && param(p, "r").len == 0)
		return;
	for (size_t i = 0; i < p->count; i++) {
		struct str name = p->at[i].name;

		/* These change when it is sent again. */
		if (str_is(name, "cdo") || str_is(name, "queuedtracking"))
			continue;
		buf_add_str(&all, name);
		buf_add_char(&all, '\n');
		buf_add_str(&all, p->at[i].value);
		buf_add_char(&all, '\n');
	}
	foreign_made_id(f, buf_str(&all));
	buf_free(&all);
}

void
matomo_read(struct foreign *f, const struct params *p)
{
	struct str visitor = param(p, "cid");

	if (!str_is(param(p, "rec"), "1")) {
		foreign_bad(f, "rec", "is not 1");
		return;
	}
	name_it(f, p);
	foreign_own_id(
	    f, "visitor_id", visitor.len > 0 ? visitor : param(p, "_id"));
	foreign_id(f, "user_id", param(p, "uid"));
	read_time(f, p);
	foreign_text(f, "url", param(p, "url"));
	foreign_matomo_campaign(f, param(p, "url"));
	foreign_text(f, "referrer", param(p, "urlref"));
	foreign_text(f, "title", param(p, "action_name"));
	foreign_text(f, "screen", param(p, "res"));
	if (f->lane != HIT_BROWSER) {
		foreign_text(f, "user_agent", param(p, "ua"));
		foreign_text(f, "language", param(p, "lang"));
	}
	if (f->lane == HIT_SERVER)
		foreign_text(f, "ip", param(p, "cip"));
	by_kind(f, p);
	dimensions(f, p);
	foreign_unknown_params(f, p, passed_over);
}

static enum foreign_fate
take(struct request *r, struct foreign *f, const struct params *p,
    struct str token)
{
	struct str id = param(p, "idsite"), own = param(p, "token_auth");
	const struct site *site =
	    sites_by_name(r->shared->sites, COMPATIBLE_MATOMO, id);
	enum hit_lane lane = HIT_BROWSER;

	if (own.len > 0)
		token = own;
	if (param(p, "ua").len > 0 && !foreign_by_page(r))
		lane = HIT_COMPATIBLE;
	foreign_start(f, r->arena, lane, r->context.now_ms);
	if (token.len > 0 && site != NULL) {
		if (compatible_secret(&site->compatible.matomo_tokens, token))
			f->lane = HIT_SERVER;
		else
			foreign_unproven(f, "token_auth",
			    "is none of the site's matomo_tokens");
	}
	matomo_read(f, p);
	return foreign_take(r, f, site, "idsite is none of our matomo_ids",
	    METRIC_COMPATIBLE_MATOMO);
}

static void
take_bulk(struct request *r, struct foreign *f, const struct json *root)
{
	const struct json *list = json_find(root, "requests"), *e;
	struct str token = foreign_member(root, "token_auth");
	size_t tracked = 0, invalid = 0, n = 0;
	bool later = false;

	if (root != NULL && (list == NULL || list->type != JSON_ARRAY))
		foreign_refuse(
		    r, METRIC_REJECTED_JSON, "requests", "must be an array");
	for (e = list != NULL ? list->child : NULL; e != NULL; e = e->next) {
		struct params p = params_new(r->arena);
		struct str query = e->text;
		ptrdiff_t at = str_find_char(query, '?');
		enum foreign_fate fate = FOREIGN_REFUSED;

		if (at >= 0)
			query = str_from(query, (size_t)at + 1);
		if (e->type == JSON_STRING)
			params_query(&p, r->arena, query);
		else
			params_json(&p, e);
		if (n++ < FOREIGN_EVENTS_MAX)
			fate = take(r, f, &p, token);
		else
			request_refused(r, NULL, METRIC_REJECTED_SIZE, 1);
		later |= fate == FOREIGN_LATER;
		if (fate == FOREIGN_REFUSED || fate == FOREIGN_LATER)
			invalid++;
		else
			tracked++;
	}
	foreign_answer(r, later, 200, "application/json",
	    arena_printf(r->arena,
		"{\"status\":\"success\",\"tracked\":%zu,\"invalid\":%zu}",
		tracked, invalid));
}

void
matomo_handle(struct request *r)
{
	struct foreign *f = arena_alloc(r->arena, sizeof(*f));
	struct params p = params_new(r->arena);
	struct str body = STR_EMPTY;
	bool later;

	if (r->http->method == HTTP_OPTIONS) {
		cors_preflight(r, "GET, POST, OPTIONS");
		return;
	}
	if (r->http->method == HTTP_HEAD) {
		foreign_image(r, false);
		return;
	}
	foreign_context(r);
	if (r->http->method == HTTP_POST && !request_body(r, &body))
		return;
	body = str_trim(body);
	if (body.len > 0 && body.data[0] == '{') {
		const struct json *root = json_read(r->arena, body, NULL);

		if (root == NULL)
			foreign_refuse(
			    r, METRIC_REJECTED_JSON, "", "the body is no JSON");
		take_bulk(r, f, root);
		return;
	}
	params_query(&p, r->arena, r->http->query);
	params_query(&p, r->arena, body);
	later = take(r, f, &p, STR_EMPTY) == FOREIGN_LATER;
	if (str_is(param(&p, "send_image"), "0"))
		foreign_answer(r, later, 204, "", STR_EMPTY);
	else
		foreign_image(r, later);
}
