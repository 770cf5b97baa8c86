#include "aggregator/journey/channel.h"

#include <stdlib.h>

#include "aggregator/journey/pattern.h"

#define AT(member) offsetof(struct channel_row, member)

/* "any", then host_categories in their order. */
static const char *const categories[] = { "any", "none", "search", "social",
	"video", "shopping", "mail", "ai", "payment", NULL };

const struct setting channel_row_settings[] = {
	{ "name", SETTING_TEXT, AT(name), NULL,
	    .help = "the rule's own name, shown where a hit is explained" },
	{ "channel", SETTING_TEXT, AT(channel), NULL,
	    .help = "the channel in reports" },
	{ "source_category", SETTING_CHOICE, AT(source_category), "any",
	    .help = "kind of place the source is, by the table of hosts",
	    .choices = categories },
	{ "source", SETTING_TEXT, AT(source), "",
	    .help = "regular expression for the whole source" },
	{ "medium", SETTING_TEXT, AT(medium), "",
	    .help = "regular expression for the whole medium" },
	{ "campaign", SETTING_TEXT, AT(campaign), "",
	    .help = "regular expression for the whole campaign name" },
	{ NULL },
};

struct rule {
	struct str name, channel;
	int category;                               /* -1: any */
	struct pattern *source, *medium, *campaign; /* NULL: any */
};

struct channels {
	struct rule *rules;
	size_t count;
};

static void
compile(struct pattern **out, const char *text, const char *key, size_t place,
    const char *file, struct buf *problems)
{
	struct error err;

	if (*text == '\0')
		return;
	*out =
	    pattern_new(str_of(text), PATTERN_WHOLE | PATTERN_CASELESS, &err);
	if (*out == NULL)
		buf_printf(problems, "%s: channels[%zu].%s: %s\n", file, place,
		    key, err.text);
}

struct channels *
channels_new(struct items rows, const char *file, struct buf *problems)
{
	const struct channel_row *row = rows.at;
	struct channels *c = mem_zero(1, sizeof(*c));
	size_t before = problems->len;

	c->count = rows.count;
	c->rules = mem_zero(rows.count + 1, sizeof(*c->rules));
	for (size_t i = 0; i < rows.count; i++, row++) {
		struct rule *r = &c->rules[i];

		r->name = str_of(row->name);
		r->channel = str_of(row->channel);
		r->category = row->source_category - 1;
		if (r->name.len == 0 || r->channel.len == 0)
			buf_printf(problems,
			    "%s: channels[%zu]: name and channel must not be "
			    "empty\n",
			    file, i);
		for (size_t k = 0; k < i; k++) {
			if (str_eq(r->name, c->rules[k].name))
				buf_printf(problems,
				    "%s: channels[%zu].name: \"%s\" is that of "
				    "channels[%zu] already\n",
				    file, i, row->name, k);
		}
		compile(&r->source, row->source, "source", i, file, problems);
		compile(&r->medium, row->medium, "medium", i, file, problems);
		compile(
		    &r->campaign, row->campaign, "campaign", i, file, problems);
	}
	if (problems->len == before)
		return c;
	channels_free(c);
	return NULL;
}

void
channels_free(struct channels *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->count; i++) {
		pattern_free(c->rules[i].source);
		pattern_free(c->rules[i].medium);
		pattern_free(c->rules[i].campaign);
	}
	free(c->rules);
	free(c);
}

static bool
holds(const struct pattern *p, struct str text)
{
	return p == NULL || pattern_matches(p, text);
}

struct str
channels_find(const struct channels *c, const struct hosts *hosts,
    struct str source, struct str medium, struct str campaign, struct str *rule)
{
	int category = (int)hosts_category(hosts, source);

	for (size_t i = 0; i < c->count; i++) {
		const struct rule *r = &c->rules[i];

		if ((r->category < 0 || r->category == category) &&
		    holds(r->medium, medium) && holds(r->source, source) &&
		    holds(r->campaign, campaign)) {
			*rule = r->name;
			return r->channel;
		}
	}
	*rule = STR("none");
	return STR("Unassigned");
}
