/*
 * afterclick init - a configuration for a site, ready to start with. What no
 * option says is asked for on a terminal, or takes its default.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/init_files.h"
#include "aggregator/cli/options.h"
#include "common/calendar.h"
#include "common/currency.h"
#include "common/process.h"

#define ANSWER_MAX 256

struct options {
	const char *site, *domain, *time_zone, *currency;
	const char *collector, *kafka, *postgres, *spool, *dir;
	bool force;
};

static const struct options_row rows[] = {
	{ "domain", OPTIONS_TEXT, offsetof(struct options, domain), "NAME",
	    "the site's domain, such as example.org; localhost for a trial",
	    false, NULL },
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), "ID",
	    "names the site in hits and tables; default the domain's first "
	    "word",
	    false, NULL },
	{ "time-zone", OPTIONS_TEXT, offsetof(struct options, time_zone),
	    "ZONE", "IANA zone its days are in; default this machine's", false,
	    NULL },
	{ "currency", OPTIONS_TEXT, offsetof(struct options, currency), "CODE",
	    "ISO 4217 currency of its reports; default EUR", false, NULL },
	{ "collector", OPTIONS_TEXT, offsetof(struct options, collector),
	    "HOST", "host the collector is reached by; default stats.DOMAIN",
	    false, NULL },
	{ "kafka", OPTIONS_TEXT, offsetof(struct options, kafka), "HOST:PORT",
	    "brokers, with commas between; default 127.0.0.1:9092", false,
	    NULL },
	{ "postgres", OPTIONS_TEXT, offsetof(struct options, postgres), "DSN",
	    "libpq keywords or a URI; default database and role afterclick on "
	    "127.0.0.1",
	    false, NULL },
	{ "spool", OPTIONS_TEXT, offsetof(struct options, spool), "DIR",
	    "where hits are kept until Kafka has them; default DIR/spool",
	    false, NULL },
	{ "dir", OPTIONS_TEXT, offsetof(struct options, dir), "DIR",
	    "where the files go; default afterclick", false, NULL },
	{ "force", OPTIONS_FLAG, offsetof(struct options, force), NULL,
	    "write over files that are there; secrets stay", false, NULL },
	{ NULL, 0, 0, NULL, NULL, false, NULL },
};

static const struct options_command command = {
	"init [--domain NAME] [--site ID] [--time-zone ZONE] [--currency CODE]",
	"Writes collector.yaml, aggregator.yaml, sites.yaml, channels.yaml and "
	"secrets\n(for the owner alone) into DIR, and says what to do next. On "
	"a terminal it asks\nfor what no option says.",
	rows, 0, 0
};

/* Lower-case letters, digits and dashes, words parted by dots, and no
 * address. */
static bool
is_domain(const char *name)
{
	char before = '.';

	for (const char *c = name; *c != '\0'; c++) {
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-.", *c) ==
			NULL ||
		    (before == '.' && (*c == '.' || *c == '-')))
			return false;
		before = *c;
	}
	return before != '.' && before != '-' && strlen(name) <= 200 &&
	       name[strspn(name, "0123456789.")] != '\0';
}

static bool
is_site(const char *id)
{
	return *id != '\0' && isalnum((unsigned char)*id) && strlen(id) <= 64 &&
	       id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

/* Into OUT what the machine calls its zone; UTC when it does not say. */
static void
local_zone(char out[ANSWER_MAX])
{
	const char *zone = getenv("TZ"), *begin;
	char link[ANSWER_MAX];
	struct zone *known;
	struct error err;
	ssize_t n;

	if (zone == NULL || *zone == '\0') {
		n = readlink("/etc/localtime", link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		begin = strstr(link, "/zoneinfo/");
		zone = begin == NULL ? "UTC" : begin + strlen("/zoneinfo/");
	}
	known = strlen(zone) < ANSWER_MAX ? zone_open(zone, &err) : NULL;
	strcpy(
	    out, known == NULL || strcmp(zone, "Etc/UTC") == 0 ? "UTC" : zone);
	zone_free(known);
}

/*
 * *VALUE stays if an option said it; else it is asked for, with FALLBACK for
 * an empty answer, or is FALLBACK where nobody can be asked. False when there
 * is none. ANSWER holds what was typed.
 */
static bool
ask(const char **value, const char *question, const char *fallback,
    char answer[ANSWER_MAX])
{
	struct str typed;

	if (*value != NULL)
		return true;
	if (!isatty(STDIN_FILENO)) {
		*value = fallback;
		return fallback != NULL;
	}
	fprintf(stderr, "%s%s%s%s: ", question, fallback ? " [" : "",
	    fallback ? fallback : "", fallback ? "]" : "");
	if (fgets(answer, ANSWER_MAX, stdin) == NULL)
		return false;
	typed = str_trim(str_of(answer));
	if (typed.len == 0) {
		*value = fallback;
		return fallback != NULL;
	}
	memmove(answer, typed.data, typed.len);
	answer[typed.len] = '\0';
	*value = answer;
	return true;
}

/* Says what is wrong with a value that NAME gave; false. */
static bool
wrong(const char *name, const char *value, const char *why)
{
	fprintf(stderr, "afterclick: --%s %s: %s\n", name, value, why);
	return false;
}

static bool
check(const struct init_values *v)
{
	const struct {
		const char *name, *value;
	} texts[] = { { "kafka", v->kafka }, { "postgres", v->postgres },
		{ "spool", v->spool } };
	struct zone *zone;
	struct error err;

	if (!is_domain(v->domain))
		return wrong("domain", v->domain,
		    "is no domain in lower case, such as example.org");
	if (!v->local && !is_domain(v->collector))
		return wrong("collector", v->collector,
		    "is no host in lower case, such as stats.example.org");
	if (!is_site(v->site))
		return wrong("site", v->site,
		    "is not made of lower-case letters, digits, - and _");
	if (!currency_is_code(str_of(v->currency)))
		return wrong("currency", v->currency,
		    "is not three upper-case letters (ISO 4217)");
	zone = zone_open(v->time_zone, &err);
	if (zone == NULL)
		return wrong("time-zone", v->time_zone, err.text);
	zone_free(zone);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].value != NULL &&
		    (strpbrk(texts[i].value, "\"\\\n\r") != NULL ||
			strpbrk(texts[i].value, "{}") != NULL ||
			!str_utf8(str_of(texts[i].value))))
			return wrong(texts[i].name, texts[i].value,
			    "quotes, backslashes and braces belong into the "
			    "file: "
			    "edit it afterwards");
	}
	return true;
}

static void
next_steps(const struct init_values *v, const char *dir)
{
	const char *scheme = v->local ? "http" : "https";

	printf("Written into %s:\n"
	       "  collector.yaml   afterclick-collector\n"
	       "  aggregator.yaml  afterclick-aggregator, and afterclick\n"
	       "  sites.yaml       the site %s, for both: its days are in %s, "
	       "its reports in %s\n"
	       "  channels.yaml    how visits become channels\n"
	       "  secrets/         keys, for you alone; PostgreSQL's password "
	       "goes into\n"
	       "                   secrets/postgres_password\n\n",
	    dir, v->site, v->time_zone, v->currency);
	printf("On each page of %s:\n\n"
	       "  <script async src=\"%s://%s/t.js\" data-site=\"%s\">"
	       "</script>\n\n",
	    v->domain, scheme, v->collector, v->site);
	printf("Next:\n"
	       "  afterclick --config %s/aggregator.yaml migrate\n"
	       "  afterclick-collector --config %s/collector.yaml\n"
	       "  afterclick-aggregator --config %s/aggregator.yaml\n"
	       "  afterclick --config %s/aggregator.yaml doctor\n",
	    dir, dir, dir, dir);
	if (!v->local)
		printf("and a proxy with TLS that passes %s on to port 8080 "
		       "(deploy/proxy); name it in trusted_proxies.\n",
		    v->collector);
	if (geteuid() == 0)
		printf("Where the programs run as another user, that user has "
		       "to own secrets/.\n");
	printf("Dashboard: http://127.0.0.1:9102, its token in "
	       "secrets/dashboard_token.\n");
}

/* Fills V of OPT, the terminal and the machine; BASE and HOST hold texts. */
static bool
decide(struct options *opt, struct init_values *v, struct buf *base,
    struct buf *host)
{
	static char answer[4][ANSWER_MAX];
	char zone[ANSWER_MAX];

	if (!ask(&opt->domain, "The site's domain, such as example.org", NULL,
		answer[0])) {
		fprintf(stderr,
		    "afterclick: init needs --domain NAME; `afterclick help "
		    "init` explains it\n");
		return false;
	}
	v->domain = strncmp(opt->domain, "www.", 4) == 0 ? opt->domain + 4
							 : opt->domain;
	v->local = strchr(v->domain, '.') == NULL;
	buf_printf(base, "%.*s", (int)strcspn(v->domain, "."), v->domain);
	buf_printf(host, "%s%s", v->local ? "" : "stats.",
	    v->local ? "localhost:8080" : v->domain);
	local_zone(zone);
	if (!ask(&opt->site, "Its name in hits and tables", buf_text(base),
		answer[1]) ||
	    !ask(
		&opt->time_zone, "The zone its days are in", zone, answer[2]) ||
	    !ask(&opt->currency, "The currency of its reports", "EUR",
		answer[3]))
		return false;
	if (opt->time_zone == zone)
		opt->time_zone = strcpy(answer[2], zone);
	v->site = opt->site;
	v->time_zone = opt->time_zone;
	v->currency = opt->currency;
	v->kafka = opt->kafka;
	v->postgres = opt->postgres;
	v->spool = opt->spool;
	v->collector = opt->collector != NULL ? opt->collector : buf_text(host);
	return true;
}

/* Whether the programs take what was written. */
static int
try(const char *dir)
{
	struct context c = { .arena = NULL };
	struct buf file = { 0 };
	struct cli cli;
	int code = EXIT_OK;

	buf_printf(&file, "%s/aggregator.yaml", dir);
	cli.config = buf_text(&file);
	if (context_settings(&c, &cli, &code) && context_sites(&c, &code))
		code = EXIT_OK;
	context_close(&c);
	buf_free(&file);
	return code;
}

int
cli_init(int argc, char **argv, const struct cli *cli)
{
	struct options opt = { .dir = "afterclick" };
	struct init_values v = { 0 };
	struct buf base = { 0 }, host = { 0 };
	struct operands operands;
	struct error err;
	char *real = NULL;
	int code;

	(void)cli;
	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	if (!decide(&opt, &v, &base, &host) || !check(&v)) {
		code = EXIT_USAGE;
	} else if (!init_files_write(&v, opt.dir, opt.force, &real, &err)) {
		code = context_fail(&err);
	} else {
		code = try(real);
		if (code == EXIT_OK)
			next_steps(&v, real);
	}
	free(real);
	buf_free(&base);
	buf_free(&host);
	return code;
}
