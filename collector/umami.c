/*
 * umami.c - without a name it is a page; with revenue a conversion.
 */
#include "collector/umami.h"

#include "collector/cors.h"

/* Pages are told by their path, with the host beside it. */
static struct str
address(struct foreign *f, const struct json *payload)
{
	struct str url = foreign_member(payload, "url");
	struct str host = foreign_member(payload, "hostname");

	if (url.len > 0 && url.data[0] == '/' && host.len > 0)
		return arena_printf(
		    f->arena, "https://%.*s%.*s", STR_ARG(host), STR_ARG(url));
	return url;
}

void
umami_read(struct foreign *f, const struct json *root)
{
	static const char *const used[] = { "revenue", "currency", "order_id",
		NULL };
	const struct json *payload = json_find(root, "payload");
	const struct json *data = json_find(payload, "data");
	struct str name = foreign_member(payload, "name");
	struct str revenue = foreign_member(data, "revenue");

	if (payload == NULL || payload->type != JSON_OBJECT) {
		foreign_bad(f, "payload", "is missing");
		return;
	}
	foreign_id(f, "user_id", foreign_member(payload, "id"));
	foreign_text(f, "url", address(f, payload));
	foreign_text(f, "referrer", foreign_member(payload, "referrer"));
	foreign_text(f, "title", foreign_member(payload, "title"));
	foreign_text(f, "language", foreign_member(payload, "language"));
	foreign_text(f, "screen", foreign_member(payload, "screen"));
	if (str_is(foreign_member(root, "type"), "identify")) {
		foreign_text(f, "type", STR("identify"));
		return;
	}
	if (name.len == 0) {
		foreign_text(f, "type", STR("page"));
	} else if (revenue.len > 0) {
		foreign_text(f, "type", STR("conversion"));
		if (!str_ieq(name, STR("purchase")))
			foreign_text(f, "goal", name);
		foreign_id(f, "order_id", foreign_member(data, "order_id"));
		foreign_value(f, revenue);
		foreign_currency(f, foreign_member(data, "currency"));
	} else {
		foreign_text(f, "type", STR("event"));
		foreign_text(f, "name", name);
	}
	foreign_props(f, data, used);
}

void
umami_handle(struct request *r)
{
	struct foreign *f = arena_alloc(r->arena, sizeof(*f));
	const struct json *root;
	const struct site *site;
	bool answered, later = false;

	if (r->http->method == HTTP_OPTIONS) {
		cors_preflight(r, "POST, OPTIONS");
		return;
	}
	foreign_context(r);
	root = foreign_body(r, &answered);
	if (answered)
		return;
	if (root != NULL) {
		site = sites_by_name(r->shared->sites, COMPATIBLE_UMAMI,
		    foreign_member(json_find(root, "payload"), "website"));
		foreign_start(f, r->arena, HIT_BROWSER, r->context.now_ms);
		umami_read(f, root);
		foreign_daily(r, f, site);
		later =
		    foreign_take(r, f, site, "website is none of our umami_ids",
			METRIC_COMPATIBLE_UMAMI) == FOREIGN_LATER;
	}
	foreign_answer(r, later, 200, "application/json",
	    STR("{\"cache\":\"\",\"sessionId\":\"\",\"visitId\":\"\"}"));
}
