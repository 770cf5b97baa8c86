#include "aggregator/journey/classify.h"

#include <stdlib.h>

#include "aggregator/journey/aliases.h"
#include "aggregator/journey/bots.h"
#include "aggregator/journey/campaign.h"
#include "aggregator/journey/channel.h"
#include "aggregator/journey/hosts.h"
#include "aggregator/journey/normalise.h"
#include "aggregator/journey/pattern.h"
#include "aggregator/journey/tables.h"
#include "aggregator/journey/url.h"

#define CONFIG_CHUNK 16384

/* A host of the site's own choice. */
struct host_row {
	char *host, *source;
	int category;
};

struct goal_pattern {
	const struct goal *goal;
	struct pattern *pattern;
};

struct rules {
	struct arena *arena; /* of the configuration */
	struct hosts *hosts;
	struct channels *channels;
	struct bots *bots;
	struct goal_pattern *goals; /* those with url_regex */
	size_t goal_count;
	struct aliases *aliases; /* NULL: none */
	struct origin direct;    /* what nearly all hits are */
};

struct file {
	struct items channels, hosts;
};

static const struct setting host_row_settings[] = {
	{ "host", SETTING_TEXT, offsetof(struct host_row, host), NULL,
	    .help = "news.shop.example, .shop.example (and all below it), "
		    "shop.{} (any country) or =name (a source that is no "
		    "host)" },
	{ "source", SETTING_TEXT, offsetof(struct host_row, source), NULL,
	    .help = "the source it is shown as" },
	{ "category", SETTING_CHOICE, offsetof(struct host_row, category), NULL,
	    .help = "kind of place; payment is never a referrer",
	    .choices = host_categories },
	{ NULL },
};

static const struct setting file_settings[] = {
	{ "channels", SETTING_LIST, offsetof(struct file, channels), NULL,
	    .help = "rules for channels; the first that holds is taken",
	    .fields = channel_row_settings,
	    .size = sizeof(struct channel_row) },
	{ "hosts", SETTING_LIST, offsetof(struct file, hosts), "",
	    .help = "hosts beside those compiled in; these win",
	    .fields = host_row_settings, .size = sizeof(struct host_row) },
	{ NULL },
};

static struct hosts *
load_hosts(struct items more, struct arena *arena)
{
	struct hosts *h = hosts_new();
	const struct host_row *row = more.at;

	hosts_add_table(h, tables_hosts());
	hosts_add_table(h, tables_hosts_more());
	for (size_t i = 0; i < more.count; i++, row++)
		hosts_add(h, normalise(arena, str_of(row->host)),
		    normalise(arena, str_of(row->source)),
		    (enum host_category)row->category);
	return h;
}

struct rules *
rules_load(const char *name, struct buf *problems)
{
	struct rules *r = mem_zero(1, sizeof(*r));
	struct file file = { .channels = { NULL, 0 } };

	r->arena = arena_new(CONFIG_CHUNK);
	if (!config_load(name, file_settings, &file, r->arena, problems))
		goto bad;
	r->channels = channels_new(file.channels, name, problems);
	if (r->channels == NULL)
		goto bad;
	r->hosts = load_hosts(file.hosts, r->arena);
	r->bots = bots_new();
	r->direct.source = STR("(direct)");
	r->direct.medium = STR("(none)");
	r->direct.campaign = STR("(direct)");
	r->direct.channel =
	    channels_find(r->channels, r->hosts, r->direct.source,
		r->direct.medium, r->direct.campaign, &r->direct.rule);
	return r;
bad:
	rules_free(r);
	return NULL;
}

static void
forget_goals(struct rules *r)
{
	for (size_t i = 0; i < r->goal_count; i++)
		pattern_free(r->goals[i].pattern);
	free(r->goals);
	r->goals = NULL;
	r->goal_count = 0;
}

bool
rules_add_goals(
    struct rules *r, const struct sites *sites, struct buf *problems)
{
	const struct site *site = sites->list.at;
	bool ok = true;

	forget_goals(r);
	for (size_t i = 0; i < sites->list.count; i++) {
		const struct goal *goals = site[i].goals.at;

		for (size_t k = 0; k < site[i].goals.count; k++) {
			struct error err;
			struct pattern *p;

			if (goals[k].url_regex[0] == '\0')
				continue;
			p = pattern_new(str_of(goals[k].url_regex), 0, &err);
			if (p == NULL) {
				buf_printf(problems,
				    "site %s, goal %s: url_regex: %s\n",
				    site[i].id, goals[k].name, err.text);
				ok = false;
				continue;
			}
			r->goals = mem_grow(
			    r->goals, (r->goal_count + 1) * sizeof(*r->goals));
			r->goals[r->goal_count++] =
			    (struct goal_pattern){ &goals[k], p };
		}
	}
	return ok;
}

bool
rules_goal_matches(const struct rules *r, const struct goal *g, struct str text)
{
	for (size_t i = 0; i < r->goal_count; i++) {
		if (r->goals[i].goal == g)
			return pattern_matches(r->goals[i].pattern, text);
	}
	return false;
}

bool
rules_name_campaigns(struct rules *r, const char *file, struct buf *problems)
{
	if (file[0] == '\0')
		return true;
	r->aliases = aliases_load(file, problems);
	return r->aliases != NULL;
}

struct str
rules_campaign(const struct rules *r, size_t i)
{
	return r->aliases != NULL ? aliases_name(r->aliases, i) : STR_EMPTY;
}

void
rules_free(struct rules *r)
{
	if (r == NULL)
		return;
	forget_goals(r);
	aliases_free(r->aliases);
	channels_free(r->channels);
	hosts_free(r->hosts);
	bots_free(r->bots);
	arena_free(r->arena);
	free(r);
}

/* How an unpaid visit from a place of each category is called. Videos and
 * shops stay referrals, as in GA: their channel follows from the source. */
static const struct str mediums[HOST_CATEGORIES] = {
	[HOST_NONE] = { "referral", 8 },
	[HOST_SEARCH] = { "organic", 7 },
	[HOST_SOCIAL] = { "social", 6 },
	[HOST_VIDEO] = { "referral", 8 },
	[HOST_SHOPPING] = { "referral", 8 },
	[HOST_MAIL] = { "email", 5 },
	[HOST_AI] = { "ai-assistant", 12 },
	[HOST_PAYMENT] = { "", 0 },
};

static void
read_referrer(const struct rules *r, const struct site *site,
    const struct url *page, struct str text, struct arena *arena,
    struct referrer *out)
{
	struct url from;

	*out = (struct referrer){ .category = HOST_NONE };
	if (text.len == 0)
		return;
	url_parse(text, &from);
	if (from.host.len == 0)
		return;
	out->own = url_is_own(site, page->host, from.host);
	if (out->own) {
		out->host = url_bare_host(from.host);
		return;
	}
	out->host = normalise(arena, url_bare_host(from.host));
	out->name = out->host;
	out->category = hosts_find(r->hosts, out->host, from.path, &out->name);
	out->external = out->host.len > 0 && out->category != HOST_PAYMENT;
}

void
classify_referrer(const struct rules *r, const struct site *site,
    const struct record *record, struct arena *arena, struct referrer *out)
{
	struct url page;

	url_parse(record->url, &page);
	read_referrer(r, site, &page, record->referrer, arena, out);
}

static struct str
first(struct str a, struct str b)
{
	return a.len > 0 ? a : b;
}

/* The channel, and names for what is missing. */
static void
complete(const struct rules *r, bool keep_case, struct arena *arena,
    struct origin *out)
{
	struct str unset = STR("(not set)");
	struct str name[3];
	bool direct = str_is(out->source, "(direct)") &&
		      (out->medium.len == 0 || str_is(out->medium, "(none)"));

	if (direct)
		out->medium = STR("(none)");
	out->source = first(out->source, unset);
	out->medium = first(out->medium, unset);
	if (r->aliases != NULL)
		out->campaign = aliases_find(
		    r->aliases, out->source, out->campaign_id, out->campaign);
	out->campaign = first(out->campaign, direct ? STR("(direct)") : unset);
	name[0] = out->source;
	name[1] = out->medium;
	name[2] = out->campaign;
	/* Rules are written in lower case. */
	for (int i = 0; keep_case && i < 3; i++)
		name[i] = normalise(arena, name[i]);
	out->channel = channels_find(
	    r->channels, r->hosts, name[0], name[1], name[2], &out->rule);
}

/* Explicit fields of RECORD over those of its url, field by field. */
static void
read_explicit(const struct record *record, bool keep_case, struct arena *arena,
    struct campaign *c)
{
	const struct {
		struct str from, *to;
	} fields[] = {
		{ record->source, &c->source },
		{ record->medium, &c->medium },
		{ record->campaign, &c->name },
		{ record->term, &c->term },
		{ record->content, &c->content },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct str text =
		    normalise_case(arena, fields[i].from, keep_case);

		if (text.len > 0)
			*fields[i].to = text;
	}
	if (str_trim(record->click_id).len > 0) {
		struct str text = str_trim(record->click_id);
		ptrdiff_t equals = str_find_char(text, '=');
		const struct click *click = NULL;

		if (equals > 0)
			click = campaign_click(str_head(text, (size_t)equals));
		c->click = click;
		c->click_id = text;
		if (click != NULL)
			c->click_id =
			    arena_printf(arena, "%s%.*s", click->param,
				STR_ARG(str_from(text, (size_t)equals)));
	}
}

static bool
explicit_fields(const struct record *record)
{
	return (record->source.len | record->medium.len | record->campaign.len |
		   record->term.len | record->content.len |
		   record->click_id.len) != 0;
}

/*
 * Lets the click id name what is missing: the source, and the medium if the
 * source is its network. fbclid with utm_medium=paid is paid, with
 * utm_source=newsletter it says nothing about the medium.
 */
static void
apply_click(struct campaign *c)
{
	struct str source = str_of(c->click->source);

	c->source = first(c->source, source);
	if (c->medium.len == 0 && str_ieq(c->source, source))
		c->medium = str_of(c->click->medium);
}

static bool
keeps_case(const struct site *site)
{
	return site != NULL && site->utm_case == SITE_UTM_KEEP;
}

void
classify_hit(const struct rules *r, const struct site *site,
    const struct record *record, struct arena *arena, struct origin *out)
{
	struct campaign c;
	struct url page;
	struct referrer from = { .external = false };
	bool keep = keeps_case(site);
	bool tagged;

	if (!explicit_fields(record) &&
	    (record->url.len | record->referrer.len) == 0) {
		*out = r->direct;
		return;
	}
	url_parse(record->url, &page);
	campaign_read(page.query, keep, arena, &c);
	if (explicit_fields(record))
		read_explicit(record, keep, arena, &c);
	tagged = (c.source.len | c.medium.len | c.name.len | c.id.len |
		     c.click_id.len) != 0;
	if (c.click != NULL)
		apply_click(&c);
	if (c.source.len == 0 && c.medium.len == 0)
		read_referrer(r, site, &page, record->referrer, arena, &from);
	if (from.external) {
		c.source = from.name;
		c.medium = mediums[from.category];
	}
	*out = r->direct;
	out->term = c.term;
	out->content = c.content;
	if (!tagged && !from.external)
		return;
	out->tagged = true;
	out->source = c.source;
	out->medium = c.medium;
	out->campaign = c.name;
	out->click_id = c.click_id;
	out->campaign_id = c.id;
	complete(r, keep, arena, out);
	/* A sender that says "direct" has said that there was nothing. */
	if (str_is(out->source, "(direct)") && str_is(out->medium, "(none)") &&
	    str_is(out->campaign, "(direct)") && c.click_id.len == 0)
		out->tagged = false;
}

void
classify_names(const struct rules *r, const struct site *site,
    struct str source, struct str medium, struct str campaign,
    struct arena *arena, struct origin *out)
{
	classify_cost(r, site, source, medium, campaign, STR_EMPTY, arena, out);
}

void
classify_cost(const struct rules *r, const struct site *site, struct str source,
    struct str medium, struct str campaign, struct str id, struct arena *arena,
    struct origin *out)
{
	bool keep = keeps_case(site);

	*out = (struct origin){ .tagged = true };
	out->source = normalise_case(arena, source, keep);
	out->medium = normalise_case(arena, medium, keep);
	out->campaign = normalise_case(arena, campaign, keep);
	out->campaign_id = normalise(arena, id);
	complete(r, keep, arena, out);
}

/* Browsers load pages ahead of a click that may never come. */
static bool
is_ahead(struct str purpose)
{
	static const char *const words[] = { "prefetch", "prerender",
		"preview" };
	struct str part;

	while (str_cut(&purpose, ';', &part)) {
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (str_ieq(str_trim(part), str_of(words[i])))
				return true;
		}
	}
	return false;
}

struct str
classify_bot(const struct rules *r, const struct record *record)
{
	if (record->purpose.len > 0 && is_ahead(record->purpose))
		return STR("prefetch");
	if (record->user_agent.len > 0)
		return bots_find(r->bots, record->user_agent);
	/* It was taken out: the visitor has denied analytics_storage. */
	if (record->consent.len > 1 && record->consent.data[1] == 'd')
		return STR_EMPTY;
	/* Who reports a sale from a server has no browser to name. */
	if (str_is(record->lane, "browser") || str_is(record->lane, "pixel") ||
	    str_is(record->lane, "redirect"))
		return STR("no-user-agent");
	return STR_EMPTY;
}
