#include "aggregator/journey/channel.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "aggregator/journey/pattern.h"
#include "common/digest.h"

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
	uint64_t serial; /* tells it from all others there ever were */
};

/*
 * What a thread found of late: a source, medium and campaign come again and
 * again, and a dozen regular expressions cost more than all else of a hit.
 */
enum { KNOWN = 256, NAMES_MAX = 176 };
struct known {
	uint64_t serial; /* 0: free */
	const struct hosts *hosts;
	const struct rule *rule; /* NULL: none holds */
	uint16_t len;
	char names[NAMES_MAX];
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
	static atomic_uint_fast64_t made;
	struct channels *c = mem_zero(1, sizeof(*c));
	size_t before = problems->len;

	c->serial = atomic_fetch_add(&made, 1) + 1;
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

/* The first rule that holds, or NULL. */
static const struct rule *
find_rule(const struct channels *c, const struct hosts *hosts,
    struct str source, struct str medium, struct str campaign)
{
	int category = (int)hosts_category(hosts, source);

	for (size_t i = 0; i < c->count; i++) {
		const struct rule *r = &c->rules[i];

		if ((r->category < 0 || r->category == category) &&
		    holds(r->medium, medium) && holds(r->source, source) &&
		    holds(r->campaign, campaign))
			return r;
	}
	return NULL;
}

static char *
put(char *at, struct str s)
{
	if (s.len > 0)
		memcpy(at, s.data, s.len);
	at[s.len] = '\0';
	return at + s.len + 1;
}

static const struct rule *
known_rule(const struct channels *c, const struct hosts *hosts,
    struct str source, struct str medium, struct str campaign)
{
	static _Thread_local struct known known[KNOWN];
	char names[NAMES_MAX];
	struct known *k;
	struct str key;

	if (source.len + medium.len + campaign.len + 3 > NAMES_MAX)
		return find_rule(c, hosts, source, medium, campaign);
	key = str_make(names,
	    (size_t)(put(put(put(names, source), medium), campaign) - names));
	k = &known[digest_hash64(key, c->serial) % KNOWN];
	if (k->serial != c->serial || k->hosts != hosts ||
	    !str_eq(key, str_make(k->names, k->len))) {
		k->serial = c->serial;
		k->hosts = hosts;
		k->rule = find_rule(c, hosts, source, medium, campaign);
		k->len = (uint16_t)key.len;
		memcpy(k->names, key.data, key.len);
	}
	return k->rule;
}

struct str
channels_find(const struct channels *c, const struct hosts *hosts,
    struct str source, struct str medium, struct str campaign, struct str *rule)
{
	const struct rule *r = known_rule(c, hosts, source, medium, campaign);

	*rule = r != NULL ? r->name : STR("none");
	return r != NULL ? r->channel : STR("Unassigned");
}
