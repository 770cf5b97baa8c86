/*
 * afterclick classify - where a visit comes from and why: the rules in force
 * applied to one address, without a server.
 */
#include <stdio.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/table.h"
#include "aggregator/journey/classify.h"
#include "aggregator/journey/url.h"
#include "common/json.h"
#include "common/process.h"
#include "common/yaml.h"

struct options {
	const char *site, *agent, *purpose, *channels;
	bool json;
};

static const struct options_row rows[] = {
	{ "user-agent", OPTIONS_TEXT, offsetof(struct options, agent),
	    .value = "TEXT", .help = "whether it is a bot's, by which rule" },
	{ "purpose", OPTIONS_TEXT, offsetof(struct options, purpose),
	    .value = "TEXT", .help = "the Sec-Purpose of the request" },
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), .value = "ID",
	    .help = "whose hosts are no referrers; default: the site that has "
		    "URL's host" },
	{ "channels", OPTIONS_TEXT, offsetof(struct options, channels),
	    .value = "FILE",
	    .help = "the rules, and no sites; default: channels_file and "
		    "sites_file" },
	{ "json", OPTIONS_FLAG, offsetof(struct options, json),
	    .help = "as JSON" },
	{ NULL },
};

static const struct options_command command = {
	"classify URL [REFERRER] [--user-agent TEXT] [--json]",
	"Says where a visit to URL with REFERRER comes from: its source, "
	"medium,\ncampaign, click id and channel, and which rule decided.",
	rows, 1, 2
};

/* What there is to tell. */
struct finding {
	struct origin origin;
	struct referrer referrer;
	struct str bot;
	const char *file; /* of the rules */
	unsigned line;    /* of the rule; 0: no rule held */
	bool asked;       /* for a bot */
};

static void
ignore(void *ctx, unsigned line, unsigned col, const char *what)
{
	(void)ctx;
	(void)line;
	(void)col;
	(void)what; /* rules_load() has read the file without a complaint */
}

static const struct yaml *
member(const struct yaml *map, struct str key)
{
	for (const struct yaml *m = map->child; m != NULL; m = m->next) {
		if (str_eq(m->key, key))
			return m;
	}
	return NULL;
}

/* The line of FILE where the rule called NAME begins; 0: nowhere. */
static unsigned
line_of(const char *file, struct str name, struct arena *arena)
{
	char *text = arena_alloc(arena, YAML_BYTES_MAX);
	FILE *f = fopen(file, "r");
	const struct yaml *root, *list, *own;
	size_t len;

	if (f == NULL)
		return 0;
	len = fread(text, 1, YAML_BYTES_MAX, f);
	fclose(f);
	root = yaml_read(str_make(text, len), arena, ignore, NULL);
	list = root != NULL ? member(root, STR("channels")) : NULL;
	if (list == NULL)
		return 0;
	for (const struct yaml *rule = list->child; rule != NULL;
	     rule = rule->next) {
		own = member(rule, STR("name"));
		if (own != NULL && str_eq(own->text, name))
			return rule->line;
	}
	return 0;
}

/* Why the referrer is none, or what kind of place it is. */
static const char *
kind_of(const struct referrer *from)
{
	if (from->host.len == 0)
		return "none";
	if (from->own)
		return "own host, no touch";
	if (from->category == HOST_PAYMENT)
		return "payment provider, no touch";
	return host_categories[from->category];
}

static void
show_json(const struct finding *f, struct buf *out)
{
	const struct origin *o = &f->origin;
	const struct {
		const char *key;
		struct str text;
	} texts[] = {
		{ "source", o->source },
		{ "medium", o->medium },
		{ "campaign", o->campaign },
		{ "term", o->term },
		{ "content", o->content },
		{ "click_id", o->click_id },
		{ "campaign_id", o->campaign_id },
		{ "channel", o->channel },
		{ "rule", o->rule },
		{ "rule_file", str_of(f->line > 0 ? f->file : "") },
		{ "referrer_host", f->referrer.host },
		{ "referrer_category",
		    str_of(host_categories[f->referrer.category]) },
		{ "payment_provider", f->referrer.category == HOST_PAYMENT
					  ? f->referrer.name
					  : STR_EMPTY },
		{ "bot_rule", f->bot },
	};
	struct json_writer w = json_write(out);

	json_begin_object(&w);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_key(&w, str_of(texts[i].key));
		json_string(&w, texts[i].text);
	}
	json_key(&w, STR("rule_line"));
	json_int(&w, f->line);
	json_key(&w, STR("touch"));
	json_bool(&w, o->tagged && f->bot.len == 0);
	json_key(&w, STR("own_referrer"));
	json_bool(&w, f->referrer.own);
	json_end_object(&w);
	buf_add_char(out, '\n');
}

static void
row(struct table *t, const char *name, struct str value)
{
	if (value.len == 0)
		return;
	table_cell(t, str_of(name));
	table_cell(t, value);
}

static void
show_table(const struct finding *f, struct arena *arena, struct buf *out)
{
	const struct origin *o = &f->origin;
	struct table *t = table_new();

	table_column(t, "what", false);
	table_column(t, "is", false);
	row(t, "channel", o->channel);
	row(t, "rule",
	    f->line > 0 ? arena_printf(arena, "%.*s (%s:%u)", STR_ARG(o->rule),
			      f->file, f->line)
			: STR("none of the rules holds"));
	row(t, "source", o->source);
	row(t, "medium", o->medium);
	row(t, "campaign", o->campaign);
	row(t, "term", o->term);
	row(t, "content", o->content);
	row(t, "click id", o->click_id);
	row(t, "campaign id", o->campaign_id);
	if (f->referrer.host.len > 0)
		row(t, "referrer",
		    arena_printf(arena, "%.*s (%s)", STR_ARG(f->referrer.host),
			kind_of(&f->referrer)));
	if (f->asked)
		row(t, "bot", f->bot.len > 0 ? f->bot : STR("no"));
	table_show(t, table_colour(), out);
	table_free(t);
}

/* The site that OPT names or whose host the page has; false if the former is
 * none of ours. */
static bool
choose_site(const struct options *opt, const struct sites *sites,
    struct str url, const struct site **site)
{
	struct url page;

	if (opt->site != NULL) {
		*site = sites_find(sites, str_of(opt->site));
		return *site != NULL;
	}
	url_parse(url, &page);
	*site = sites_by_host(sites, page.host);
	return true;
}

static int
find(const struct options *opt, const struct operands *operands,
    struct context *c, const struct site *site, const char *file)
{
	struct buf problems = { 0 }, out = { 0 };
	struct rules *rules = rules_load(file, &problems);
	struct record hit = { .v = 1, .url = str_of(operands->at[0]) };
	struct finding f = { .file = file };

	/* Without --channels there are settings, and perhaps names in them. */
	if (rules != NULL && opt->channels == NULL &&
	    !rules_name_campaigns(rules, c->set.campaigns_file, &problems)) {
		rules_free(rules);
		rules = NULL;
	}
	if (rules == NULL) {
		fprintf(stderr, "%s", buf_text(&problems));
		buf_free(&problems);
		return EXIT_CONFIG;
	}
	if (operands->count > 1)
		hit.referrer = str_of(operands->at[1]);
	hit.user_agent = str_of(opt->agent);
	hit.purpose = str_of(opt->purpose);
	f.asked = opt->agent != NULL || opt->purpose != NULL;
	/* An empty agent was asked for; none at all was not. */
	if (opt->agent != NULL)
		hit.lane = STR("browser");
	classify_hit(rules, site, &hit, c->arena, &f.origin);
	classify_referrer(rules, site, &hit, c->arena, &f.referrer);
	f.bot = classify_bot(rules, &hit);
	f.line = line_of(file, f.origin.rule, c->arena);
	if (opt->json)
		show_json(&f, &out);
	else
		show_table(&f, c->arena, &out);
	rules_free(rules);
	buf_free(&problems);
	return context_print(&out);
}

int
cli_classify(int argc, char **argv, const struct cli *cli)
{
	struct options opt = { 0 };
	struct operands operands;
	struct context c = { 0 };
	const struct site *site = NULL;
	int code;

	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	if (opt.channels != NULL && opt.site != NULL) {
		fprintf(stderr, "afterclick: --channels and --site: one or "
				"the other\n");
		return EXIT_USAGE;
	}
	if (opt.channels != NULL) {
		c.arena = arena_new(65536);
		code = find(&opt, &operands, &c, NULL, opt.channels);
	} else if (context_settings(&c, cli, &code) &&
		   context_sites(&c, &code)) {
		if (choose_site(
			&opt, &c.sites, str_of(operands.at[0]), &site)) {
			code = find(
			    &opt, &operands, &c, site, c.set.channels_file);
		} else {
			fprintf(stderr,
			    "afterclick: --site is not one of sites_file\n");
			code = EXIT_FAILED;
		}
	}
	context_close(&c);
	return code;
}
