/*
 * site.c - sites.yaml, its settings and what only the whole can tell: that
 * no two sites share an id or a host.
 */
#include "common/site.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/currency.h"

#define HOUR_MS (DAY_MS / 24)
#define LOOKBACK_MAX_MS (400 * DAY_MS)
#define MICROS INT64_C(1000000)
#define VALUE_MAX (INT64_C(1000000000000) * MICROS)
#define ID_MAX 64
#define KEY_LEAST 16 /* bytes; fewer could be guessed */

static const char *const cookies_choices[] = { "on", "off", "daily", NULL };
static const char *const consent_choices[] = { "unknown", "granted", "denied",
	"wait", NULL };
static const char *const dnt_choices[] = { "ignore", "deny", NULL };
static const char *const utm_case_choices[] = { "lower", "keep", NULL };

static void
check_id(const void *value, struct config_place *place)
{
	const char *id = *(char *const *)value;
	bool ok =
	    *id != '\0' && *id != '_' && *id != '-' && strlen(id) <= ID_MAX;

	if (!ok || id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
		config_complain(place, NULL,
		    "must be 1 to %d of a-z, 0-9, _ and -, "
		    "a letter or digit first",
		    ID_MAX);
}

static bool
is_host(const char *host)
{
	size_t len = strlen(host);

	if (len == 0 || len > 253)
		return false;
	if (*host == '[')
		return len > 4 &&
		       strspn(host + 1, "0123456789abcdef:.") == len - 2 &&
		       host[len - 1] == ']';
	return host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789._-")] ==
	       '\0';
}

static void
check_hosts(const void *value, struct config_place *place)
{
	const struct texts *hosts = value;
	char sub[32];

	for (size_t i = 0; i < hosts->count; i++) {
		snprintf(sub, sizeof(sub), "[%zu]", i);
		if (!is_host(hosts->at[i]))
			config_complain(place, sub,
			    "must be a host name in lower case, "
			    "without scheme, port or path");
	}
}

static bool
is_origin(const char *origin)
{
	const char *host = strstr(origin, "://"), *port;
	char name[256];
	size_t len;

	if (host == NULL || (strncmp(origin, "https://", 8) != 0 &&
				strncmp(origin, "http://", 7) != 0))
		return false;
	host += 3;
	len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	if (len > strlen(host) || len >= sizeof(name))
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	port = host + len;
	if (*port == ':')
		port += 1 + strspn(port + 1, "0123456789");
	return is_host(name) && *port == '\0' && port[-1] != ':';
}

static void
check_consent_from(const void *value, struct config_place *place)
{
	const struct texts *from = value;
	char sub[32];

	for (size_t i = 0; i < from->count; i++) {
		snprintf(sub, sizeof(sub), "[%zu]", i);
		if (strcmp(from->at[i], "tcf") != 0 &&
		    strcmp(from->at[i], "consent_mode") != 0)
			config_complain(
			    place, sub, "must be tcf or consent_mode");
	}
}

static void
check_origins(const void *value, struct config_place *place)
{
	const struct texts *origins = value;
	char sub[32];

	for (size_t i = 0; i < origins->count; i++) {
		snprintf(sub, sizeof(sub), "[%zu]", i);
		if (!is_origin(origins->at[i]))
			config_complain(place, sub,
			    "must be an origin in lower case such as "
			    "https://www.example.com, without a path");
	}
}

static void
check_timezone(const void *value, struct config_place *place)
{
	struct error err;
	struct zone *zone = zone_open(*(char *const *)value, &err);

	if (zone == NULL)
		config_complain(place, NULL, "%s", err.text);
	zone_free(zone);
}

static void
check_currency(const void *value, struct config_place *place)
{
	const char *code = *(char *const *)value;

	if (!currency_is_code(str_of(code)))
		config_complain(
		    place, NULL, "must be three upper-case letters (ISO 4217)");
}

static void
check_keys(const void *value, struct config_place *place)
{
	const struct texts *keys = value;
	char sub[32];

	for (size_t i = 0; i < keys->count; i++) {
		snprintf(sub, sizeof(sub), "[%zu]", i);
		if (*keys->at[i] == '\0')
			config_complain(place, sub, "must not be empty");
	}
}

static void
check_redirect_key(const void *value, struct config_place *place)
{
	size_t len = strlen(*(char *const *)value);

	if (len > 0 && len < KEY_LEAST)
		config_complain(
		    place, NULL, "needs at least %d bytes", KEY_LEAST);
}

static void
check_cookie_domain(const void *value, struct config_place *place)
{
	const char *domain = *(char *const *)value;

	if (*domain != '\0' && !is_host(domain))
		config_complain(
		    place, NULL, "must be a host name in lower case");
}

static const struct site *
sites_listing(
    const struct sites *sites, enum compatible_name name, struct str id)
{
	const struct site *site = sites->list.at;

	for (size_t i = 0; i < sites->list.count; i++) {
		const struct texts *ids =
		    compatible_list(&site[i].compatible, name);

		for (size_t k = 0; k < ids->count; k++) {
			if (str_is(id, ids->at[k]))
				return &site[i];
		}
	}
	return NULL;
}

/* One id or host, where it stands, to find those that are there twice. */
struct claim {
	const char *text;
	size_t site, host; /* HOST is SIZE_MAX for an id */
};

static int
by_text(const void *left, const void *right)
{
	const struct claim *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	if (order != 0)
		return order;
	if (a->site != b->site)
		return a->site < b->site ? -1 : 1;
	return a->host < b->host ? -1 : a->host > b->host;
}

static void
refuse_shared(struct claim *claim, size_t count, const struct site *site,
    struct config_place *place)
{
	char sub[64];

	qsort(claim, count, sizeof(*claim), by_text);
	for (size_t i = 1; i < count; i++) {
		const struct claim *a = &claim[i - 1], *b = &claim[i];

		if (strcmp(a->text, b->text) != 0)
			continue;
		if (b->host == SIZE_MAX) {
			snprintf(sub, sizeof(sub), "[%zu].id", b->site);
			config_complain(place, sub,
			    "site [%zu] has the id \"%s\" already", a->site,
			    b->text);
		} else {
			snprintf(sub, sizeof(sub), "[%zu].hosts[%zu]", b->site,
			    b->host);
			config_complain(place, sub,
			    "the host \"%s\" belongs to the site \"%s\" "
			    "already",
			    b->text, site[a->site].id);
		}
	}
}

/* A foreign id leads to one site; a key is not public and secret at once. */
static void
refuse_shared_names(const struct items *list, struct config_place *place)
{
	const struct site *site = list->at;
	struct sites before = { *list };
	char sub[96];

	for (size_t i = 0; i < list->count; i++) {
		before.list.count = i;
		for (int n = 0; n < COMPATIBLE_NAMES; n++) {
			const struct texts *ids = compatible_list(
			    &site[i].compatible, (enum compatible_name)n);

			for (size_t k = 0; k < ids->count; k++) {
				const struct site *other = sites_listing(
				    &before, (enum compatible_name)n,
				    str_of(ids->at[k]));

				if (other == NULL)
					continue;
				snprintf(sub, sizeof(sub),
				    "[%zu].compatible.%s[%zu]", i,
				    compatible_key((enum compatible_name)n), k);
				config_complain(place, sub,
				    "the site \"%s\" is called so already",
				    other->id);
			}
		}
	}
}

static void
check_sites(const void *value, struct config_place *place)
{
	const struct items *list = value;
	const struct site *site = list->at;
	size_t hosts = 0, n = 0;
	struct claim *claim;

	if (list->count == 0) {
		config_complain(place, NULL, "needs at least one site");
		return;
	}
	for (size_t i = 0; i < list->count; i++)
		hosts += site[i].hosts.count;
	claim =
	    mem_zero(hosts > list->count ? hosts : list->count, sizeof(*claim));
	for (size_t i = 0; i < list->count; i++)
		claim[n++] = (struct claim){ site[i].id, i, SIZE_MAX };
	refuse_shared(claim, n, site, place);
	n = 0;
	for (size_t i = 0; i < list->count; i++) {
		for (size_t j = 0; j < site[i].hosts.count; j++)
			claim[n++] =
			    (struct claim){ site[i].hosts.at[j], i, j };
	}
	refuse_shared(claim, n, site, place);
	free(claim);
	refuse_shared_names(list, place);
}

static const struct setting one_site_settings[] = {
	{ .key = "id",
	    .kind = SETTING_TEXT,
	    .offset = offsetof(struct site, id),
	    .check = check_id,
	    .help = "id of the site in hits and reports; never change it" },
	{ .key = "hosts",
	    .kind = SETTING_TEXTS,
	    .fallback = "",
	    .offset = offsetof(struct site, hosts),
	    .check = check_hosts,
	    .help = "the site's own host names: they are never a referrer" },
	{ .key = "origins",
	    .kind = SETTING_TEXTS,
	    .fallback = "",
	    .offset = offsetof(struct site, origins),
	    .check = check_origins,
	    .help = "origins that may send hits with cookies (CORS)" },
	{ .key = "timezone",
	    .kind = SETTING_TEXT,
	    .offset = offsetof(struct site, timezone),
	    .check = check_timezone,
	    .help = "IANA time zone that its days are counted in" },
	{ .key = "currency",
	    .kind = SETTING_TEXT,
	    .offset = offsetof(struct site, currency),
	    .check = check_currency,
	    .help = "ISO 4217 currency of its reports" },
	{ .key = "margin",
	    .kind = SETTING_MICROS,
	    .fallback = "1",
	    .offset = offsetof(struct site, margin_micros),
	    .max = MICROS,
	    .help = "share of revenue that is left after the goods, 0 to 1" },
	{ .key = "lookback",
	    .kind = SETTING_DURATION,
	    .fallback = "30d",
	    .offset = offsetof(struct site, lookback_ms),
	    .min = HOUR_MS,
	    .max = LOOKBACK_MAX_MS,
	    .help = "how old a touch may be to get credit" },
	{ .key = "exclude_direct",
	    .kind = SETTING_BOOL,
	    .fallback = "false",
	    .offset = offsetof(struct site, exclude_direct),
	    .help = "direct touches get credit only when all are direct" },
	{ .key = "exposure",
	    .kind = SETTING_BOOL,
	    .fallback = "false",
	    .offset = offsetof(struct site, exposure),
	    .help = "of equal touches in a row the first stands for all" },
	{ .key = "reset_after_conversion",
	    .kind = SETTING_BOOL,
	    .fallback = "false",
	    .offset = offsetof(struct site, reset_after_conversion),
	    .help = "a conversion's path begins behind the one before" },
	{ .key = "utm_case",
	    .kind = SETTING_CHOICE,
	    .fallback = "lower",
	    .offset = offsetof(struct site, utm_case),
	    .choices = utm_case_choices,
	    .help = "whether Spring and spring are one campaign: lower" },
	{ .key = "api_keys",
	    .kind = SETTING_SECRETS,
	    .fallback = "",
	    .offset = offsetof(struct site, api_keys),
	    .check = check_keys,
	    .help = "secrets that sign server-to-server events" },
	{ .key = "browser_value_cap",
	    .kind = SETTING_MICROS,
	    .fallback = "0",
	    .offset = offsetof(struct site, browser_value_cap),
	    .max = VALUE_MAX,
	    .help = "highest order value believed from a browser; 0: any" },
	{ .key = "cookies",
	    .kind = SETTING_CHOICE,
	    .fallback = "on",
	    .offset = offsetof(struct site, cookies),
	    .choices = cookies_choices,
	    .help = "on: first-party cookies; off: none; daily: none, "
		    "visitors are told apart for a day" },
	{ .key = "cookie_domain",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct site, cookie_domain),
	    .check = check_cookie_domain,
	    .help = "domain of the cookies; empty: the host only" },
	{ .key = "hit_rate",
	    .kind = SETTING_INT,
	    .fallback = "0",
	    .offset = offsetof(struct site, hit_rate),
	    .max = 1000000,
	    .help = "unsigned hits a second; above it 429; 0: any" },
	{ .key = "hit_burst",
	    .kind = SETTING_INT,
	    .fallback = "1000",
	    .offset = offsetof(struct site, hit_burst),
	    .min = 1,
	    .max = 10000000,
	    .help = "how many of them may come at once" },
	{ .key = "consent",
	    .kind = SETTING_CHOICE,
	    .fallback = "unknown",
	    .offset = offsetof(struct site, consent),
	    .choices = consent_choices,
	    .help = "of visitors who have not said: unknown, granted, denied; "
		    "wait: nothing is sent until they have" },
	{ .key = "dnt",
	    .kind = SETTING_CHOICE,
	    .fallback = "ignore",
	    .offset = offsetof(struct site, dnt),
	    .choices = dnt_choices,
	    .help = "deny: DNT: 1 denies every purpose" },
	{ .key = "keep_network",
	    .kind = SETTING_BOOL,
	    .fallback = "false",
	    .offset = offsetof(struct site, keep_network),
	    .help = "hits keep the network of the client's address, as long as "
		    "Kafka keeps them" },
	{ .key = "consent_from",
	    .kind = SETTING_TEXTS,
	    .fallback = "",
	    .offset = offsetof(struct site, consent_from),
	    .check = check_consent_from,
	    .help = "what the tracker asks: tcf, consent_mode (dataLayer)" },
	{ .key = "link_hosts",
	    .kind = SETTING_TEXTS,
	    .fallback = "",
	    .offset = offsetof(struct site, link_hosts),
	    .check = check_hosts,
	    .help = "other domains of the site; links carry the visitor" },
	{ .key = "redirect_hosts",
	    .kind = SETTING_TEXTS,
	    .fallback = "",
	    .offset = offsetof(struct site, redirect_hosts),
	    .check = check_hosts,
	    .help = "exact hosts that click redirects may lead to" },
	{ .key = "redirect_key",
	    .kind = SETTING_SECRET,
	    .fallback = "",
	    .offset = offsetof(struct site, redirect_key),
	    .check = check_redirect_key,
	    .help = "secret that signs click redirects to other hosts" },
	{ .key = "redirect_http",
	    .kind = SETTING_BOOL,
	    .fallback = "false",
	    .offset = offsetof(struct site, redirect_http),
	    .help = "whether click redirects may lead to http targets" },
	{ .key = "compatible",
	    .kind = SETTING_GROUP,
	    .offset = offsetof(struct site, compatible),
	    .fields = compatible_settings,
	    .help = "what clients of other systems call the site" },
	{ .key = "goals",
	    .kind = SETTING_LIST,
	    .fallback = "",
	    .offset = offsetof(struct site, goals),
	    .fields = goal_settings,
	    .size = sizeof(struct goal),
	    .check = goals_check,
	    .help = "hits that are conversions by rule" },
	{ .key = "experiments",
	    .kind = SETTING_LIST,
	    .fallback = "",
	    .offset = offsetof(struct site, experiments),
	    .fields = experiment_settings,
	    .size = sizeof(struct experiment),
	    .check = experiments_check,
	    .help = "A/B tests and holdouts" },
	{ 0 }
};

const struct setting site_settings[] = {
	{ .key = "sites",
	    .kind = SETTING_LIST,
	    .offset = offsetof(struct sites, list),
	    .fields = one_site_settings,
	    .size = sizeof(struct site),
	    .check = check_sites,
	    .help = "the sites that are measured" },
	{ 0 }
};

static int
by_id(const void *left, const void *right)
{
	const struct site *a = left, *b = right;

	return strcmp(a->id, b->id);
}

bool
sites_load(const char *file, struct sites *sites, struct arena *arena,
    struct buf *problems)
{
	struct site *site;
	struct error err;

	*sites = (struct sites){ 0 };
	if (!config_load(file, site_settings, sites, arena, problems))
		return false;
	site = sites->list.at;
	/* Sorted, sites_find() can halve; the order says nothing. */
	qsort(site, sites->list.count, sizeof(*site), by_id);
	for (size_t i = 0; i < sites->list.count; i++) {
		site[i].zone = zone_open(site[i].timezone, &err);
		if (site[i].zone == NULL) {
			buf_printf(problems, "%s: %s: %s\n", file, site[i].id,
			    err.text);
			sites_close(sites);
			return false;
		}
		experiments_prepare(&site[i].experiments, site[i].zone, arena);
	}
	return true;
}

void
sites_close(struct sites *sites)
{
	struct site *site = sites->list.at;

	for (size_t i = 0; i < sites->list.count; i++) {
		zone_free(site[i].zone);
		site[i].zone = NULL;
	}
}

const struct site *
sites_find(const struct sites *sites, struct str id)
{
	const struct site *site = sites->list.at;
	size_t low = 0, high = sites->list.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(id, str_of(site[middle].id));

		if (order == 0)
			return &site[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* HOST without the port; a v6 address keeps its brackets. */
static struct str
without_port(struct str host)
{
	ptrdiff_t end = host.len > 0 && *host.data == '['
			    ? str_find_char(host, ']') + 1
			    : str_find_char(host, ':');

	return end > 0 ? str_head(host, (size_t)end) : host;
}

const struct site *
sites_by_host(const struct sites *sites, struct str host)
{
	const struct site *site = sites->list.at;

	host = without_port(host);
	for (size_t i = 0; i < sites->list.count; i++) {
		for (size_t j = 0; j < site[i].hosts.count; j++) {
			if (str_ieq(host, str_of(site[i].hosts.at[j])))
				return &site[i];
		}
	}
	return NULL;
}

const struct site *
sites_by_name(
    const struct sites *sites, enum compatible_name name, struct str id)
{
	const struct site *site = sites_listing(sites, name, id);

	/* A write key is no site id: it is made up to be hard to guess. */
	if (site == NULL && name != COMPATIBLE_SEGMENT &&
	    name != COMPATIBLE_SEGMENT_SECRET)
		site = sites_find(sites, id);
	return site;
}
