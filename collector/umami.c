/*
 * umami.c - without a name it is a page; with revenue a conversion.
 */
#include "collector/umami.h"

static const char *const members[] = { "website", "url", "hostname", "referrer",
	"title", "language", "screen", "name", "data", "id", NULL };

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
	foreign_unknown_members(f, payload, members);
}

static struct str
site_of(const struct json *event)
{
	return foreign_member(json_find(event, "payload"), "website");
}

void
umami_handle(struct request *r)
{
	static const struct foreign_door door = { COMPATIBLE_UMAMI,
		METRIC_COMPATIBLE_UMAMI, "website is none of our umami_ids",
		site_of, umami_read, 200, "application/json",
		"{\"cache\":\"\",\"sessionId\":\"\",\"visitId\":\"\"}" };

	foreign_serve_event(r, &door);
}
