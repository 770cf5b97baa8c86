/*
 * plausible.c - letters for names; an event with revenue is a conversion.
 */
#include "collector/plausible.h"

static const char *const members[] = { "n", "name", "u", "url", "d", "domain",
	"r", "referrer", "p", "props", "$", "revenue", "h", "v", "w", "i",
	"interactive", NULL };

static const struct json *
object_of(struct foreign *f, const struct json *event, const char *letter,
    const char *word)
{
	const struct json *v = json_find(event, letter);

	if (v == NULL)
		v = json_find(event, word);
	/* Older clients send it as JSON in a string. */
	if (v != NULL && v->type == JSON_STRING)
		v = json_read(f->arena, v->text, NULL);
	return v;
}

static struct str
text_of(const struct json *event, const char *letter, const char *word)
{
	struct str text = foreign_member(event, letter);

	return text.len > 0 ? text : foreign_member(event, word);
}

void
plausible_read(struct foreign *f, const struct json *event)
{
	static const char *const ids[] = { "order_id", "transaction_id", NULL };
	const struct json *money = object_of(f, event, "$", "revenue");
	const struct json *props = object_of(f, event, "p", "props");
	struct str name = text_of(event, "n", "name");

	if (event->type != JSON_OBJECT || name.len == 0) {
		foreign_bad(f, "n", "(the event's name) is missing");
		return;
	}
	foreign_text(f, "url", text_of(event, "u", "url"));
	foreign_text(f, "referrer", text_of(event, "r", "referrer"));
	if (str_is(name, "pageview")) {
		foreign_text(f, "type", STR("page"));
	} else if (str_is(name, "engagement")) {
		f->nothing = true;
	} else if (money != NULL && money->type == JSON_OBJECT) {
		struct str order = foreign_member(props, "order_id");

		foreign_text(f, "type", STR("conversion"));
		if (!str_ieq(name, STR("purchase")))
			foreign_text(f, "goal", name);
		foreign_id(f, "order_id",
		    order.len > 0 ? order
				  : foreign_member(props, "transaction_id"));
		foreign_value(f, foreign_member(money, "amount"));
		foreign_currency(f, foreign_member(money, "currency"));
	} else {
		foreign_text(f, "type", STR("event"));
		foreign_text(f, "name", name);
	}
	foreign_props(f, props, ids);
	foreign_unknown_members(f, event, members);
}

static struct str
site_of(const struct json *event)
{
	return text_of(event, "d", "domain");
}

void
plausible_handle(struct request *r)
{
	static const struct foreign_door door = { COMPATIBLE_PLAUSIBLE,
		METRIC_COMPATIBLE_PLAUSIBLE,
		"d is none of our plausible_domains", site_of, plausible_read,
		202, "text/plain", "ok" };

	foreign_serve_event(r, &door);
}
