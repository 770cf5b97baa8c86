#include "aggregator/journey/campaign.h"

#include "aggregator/journey/normalise.h"
#include "common/http.h"

#define CLICK_ID_MAX 500 /* bytes of a value; Meta's are some 200 */

/* Paid ones first. Meta adds fbclid to unpaid links too, so it and igshid
 * alone are organic. dclid is Display & Video 360. */
static const struct click clicks[] = {
	{ "gclid", "google", "cpc" },
	{ "gbraid", "google", "cpc" },
	{ "wbraid", "google", "cpc" },
	{ "dclid", "google", "display" },
	{ "msclkid", "bing", "cpc" },
	{ "ttclid", "tiktok", "cpc" },
	{ "twclid", "twitter", "cpc" },
	{ "li_fat_id", "linkedin", "cpc" },
	{ "rdt_cid", "reddit", "cpc" },
	{ "sccid", "snapchat", "cpc" },
	{ "epik", "pinterest", "cpc" },
	{ "qclid", "quora", "cpc" },
	{ "fbclid", "facebook", "social" },
	{ "igshid", "instagram", "social" },
};
#define CLICKS (sizeof(clicks) / sizeof(clicks[0]))

static const struct {
	const char *param;
	size_t offset;
} fields[] = {
	{ "utm_source", offsetof(struct campaign, source) },
	{ "utm_medium", offsetof(struct campaign, medium) },
	{ "utm_campaign", offsetof(struct campaign, name) },
	{ "utm_term", offsetof(struct campaign, term) },
	{ "utm_content", offsetof(struct campaign, content) },
	{ "utm_id", offsetof(struct campaign, id) },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* ASCII letters of either case. */
static bool
same_letter(char a, char b)
{
	return (a | 0x20) == (b | 0x20);
}

const struct click *
campaign_click(struct str name)
{
	for (size_t i = 0; name.len > 0 && i < CLICKS; i++) {
		if (same_letter(name.data[0], clicks[i].param[0]) &&
		    str_ieq(name, str_of(clicks[i].param)))
			return &clicks[i];
	}
	return NULL;
}

static void
take_click(struct campaign *out, const struct click *click, struct str value,
    struct arena *arena)
{
	value = str_head(str_trim(value), CLICK_ID_MAX);
	if (value.len == 0 || (out->click != NULL && out->click <= click))
		return;
	out->click = click;
	out->click_id =
	    arena_printf(arena, "%s=%.*s", click->param, STR_ARG(value));
}

static void
take(struct campaign *out, struct str *gad_id, struct str name,
    struct str value, bool keep_case, struct arena *arena)
{
	const struct click *click;

	for (size_t i = 0; i < FIELDS; i++) {
		struct str *field =
		    (struct str *)(void *)((char *)out + fields[i].offset);

		if (!str_ieq(name, str_of(fields[i].param)))
			continue;
		if (field->len == 0)
			*field = normalise_case(arena, value, keep_case);
		return;
	}
	if (str_ieq(name, STR("gad_campaignid"))) {
		if (gad_id->len == 0)
			*gad_id = normalise(arena, value);
		return;
	}
	click = campaign_click(name);
	if (click != NULL)
		take_click(out, click, value, arena);
}

/*
 * True when the raw NAME may be one of ours: nearly all parameters of nearly
 * all hits are not, and are passed over without being decoded.
 */
static bool
may_count(struct str name)
{
	if (name.len < 4 || name.len > 42)
		return false;
	if (memchr(name.data, '%', name.len) != NULL)
		return true;
	switch (name.data[0] | 0x20) {
	case 'u':
		return str_istarts(name, STR("utm_"));
	case 'g':
		return str_ieq(name, STR("gad_campaignid")) ||
		       campaign_click(name) != NULL;
	default:
		return campaign_click(name) != NULL;
	}
}

/* Cuts the text before the next '&' off *REST. */
static bool
next_part(struct str *rest, struct str *part)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->data, '&', rest->len);
	*part = *rest;
	if (end == NULL) {
		rest->len = 0;
		return true;
	}
	part->len = (size_t)(end - rest->data);
	rest->data = end + 1;
	rest->len -= part->len + 1;
	return true;
}

void
campaign_read(
    struct str query, bool keep_case, struct arena *arena, struct campaign *out)
{
	struct str rest = query, part, name, value, gad_id = STR_EMPTY;
	const char *equals;

	*out = (struct campaign){ .click = NULL };
	if (query.len == 0)
		return;
	while (next_part(&rest, &part)) {
		/* Feeds and mails often double the escape of '&'. */
		if (part.len > 4 && memcmp(part.data, "amp;", 4) == 0)
			part = str_from(part, 4);
		equals = part.len > 0 ? memchr(part.data, '=', part.len) : NULL;
		if (equals == NULL || !may_count(str_make(part.data,
					  (size_t)(equals - part.data))))
			continue;
		if (http_next_param(&part, arena, &name, &value))
			take(out, &gad_id, name, value, keep_case, arena);
	}
	if (out->id.len == 0)
		out->id = gad_id;
	/* Google names its campaign even where it withholds the click id. */
	if (out->click == NULL && gad_id.len > 0)
		out->click = &clicks[0];
}
