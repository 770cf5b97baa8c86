/*
 * settings.c - the table of collector.yaml and the checks that look at more
 * than one key.
 */
#include "collector/settings.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/forwarded.h"
#include "collector/spool.h"
#include "common/kafka.h"
#include "common/log.h"

#define COOKIE_KEY_LEAST 16 /* bytes; fewer could be guessed */

/* In the order of enum durability. */
static const char *const durabilities[] = { "disk", "kafka", "memory", NULL };
/* In the order of enum log_level. */
static const char *const levels[] = { "debug", "info", "warning", "error",
	NULL };
/* In the order of enum cookie_secure. */
static const char *const secures[] = { "auto", "always", NULL };
/* In the order of enum proxy_protocol. */
static const char *const proxy_protocols[] = { "off", "required", NULL };

#define MIB (INT64_C(1) << 20)
#define AT(member) offsetof(struct collector_settings, member)
/* Offset of a group's MEMBER, counted from the GROUP's own start. */
#define IN(group, member) (AT(group.member) - AT(group))

static void
check_text(const void *value, struct config_place *place)
{
	char *const *text = value;

	if (**text == '\0')
		config_complain(place, NULL, "must not be empty");
}

static void
check_spool(const void *value, struct config_place *place)
{
	const struct collector_spool *spool = value;

	if (spool->segment_bytes > spool->max_bytes)
		config_complain(
		    place, ".segment_bytes", "is more than max_bytes");
}

static bool
path_char(char c)
{
	return c > ' ' && c < 0x7f && strchr("?#%\"<>\\^`{|}", c) == NULL;
}

/* A path that clients send as it is written here. */
static void
check_path(const void *value, struct config_place *place)
{
	char *const *path = value;
	bool good = (*path)[0] == '/' && (*path)[1] != '\0';

	for (const char *c = *path; *c != '\0'; c++)
		good = good && path_char(*c);
	if (!good)
		config_complain(place, NULL,
		    "\"%s\" is not a plain path such as /e", *path);
}

static void
check_paths(const void *value, struct config_place *place)
{
	const struct collector_paths *p = value;
	const char *const paths[] = { p->events, p->pixel, p->server, p->script,
		p->redirect, p->snowplow, p->snowplow_get, p->snowplow_redirect,
		p->matomo, p->ga4, p->ga4_debug, p->gtag, p->segment,
		p->plausible, p->umami, p->crosslink, p->opt_out, p->assign };
	static const char *const names[] = { ".events", ".pixel", ".server",
		".script", ".redirect", ".snowplow", ".snowplow_get",
		".snowplow_redirect", ".matomo", ".ga4", ".ga4_debug", ".gtag",
		".segment", ".plausible", ".umami", ".crosslink", ".opt_out",
		".assign" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(paths[i], paths[k]) == 0)
				config_complain(place, names[i],
				    "\"%s\" is paths%s already", paths[i],
				    names[k]);
		}
	}
}

static void
check_cookie_key(const void *value, struct config_place *place)
{
	char *const *key = value;

	if (**key != '\0' && strlen(*key) < COOKIE_KEY_LEAST)
		config_complain(
		    place, NULL, "needs at least %d bytes", COOKIE_KEY_LEAST);
}

static const struct setting spool_fields[] = {
	{ .key = "dir",
	    .check = check_text,
	    .kind = SETTING_FILE,
	    .offset = IN(spool, dir),
	    .help = "directory for records until Kafka has them" },
	{ .key = "max_bytes",
	    .kind = SETTING_BYTES,
	    .offset = IN(spool, max_bytes),
	    .fallback = "8GiB",
	    .help = "when the segments reach this, hits are answered 503",
	    .min = MIB,
	    .max = INT64_MAX },
	{ .key = "segment_bytes",
	    .kind = SETTING_BYTES,
	    .offset = IN(spool, segment_bytes),
	    .fallback = "64MiB",
	    .help = "size of one preallocated segment file",
	    .min = MIB / 4,
	    .max = INT64_C(1) << 31 },
	{ .key = NULL },
};

static const struct setting http_fields[] = {
	{ .key = "max_body",
	    .kind = SETTING_BYTES,
	    .offset = IN(http, max_body),
	    .fallback = "64KiB",
	    .help = "longest request body; above it 413",
	    .min = 1024,
	    .max = 64 * MIB },
	{ .key = "max_inflated",
	    .kind = SETTING_BYTES,
	    .offset = IN(http, max_inflated),
	    .fallback = "256KiB",
	    .help = "longest body once gzip or deflate is undone; above it 413",
	    .min = 1024,
	    .max = 64 * MIB },
	{ .key = "connections",
	    .kind = SETTING_INT,
	    .offset = IN(http, connections),
	    .fallback = "10000",
	    .help = "open connections; above it idle ones are closed first",
	    .min = 1,
	    .max = 10000000 },
	{ .key = "net_connections",
	    .kind = SETTING_INT,
	    .offset = IN(http, net_connections),
	    .fallback = "0",
	    .help = "open connections of one IPv4 /24 or IPv6 /64; above it "
		    "503; 0: any",
	    .min = 0,
	    .max = 65535 },
	{ .key = "min_body_rate",
	    .kind = SETTING_INT,
	    .offset = IN(http, min_body_rate),
	    .fallback = "500",
	    .help = "bytes a second that a body must come with, looked at "
		    "each quarter of body_timeout; below it 408; 0: any",
	    .min = 0,
	    .max = 64 * MIB },
	{ .key = "header_timeout",
	    .kind = SETTING_DURATION,
	    .offset = IN(http, header_timeout_ms),
	    .fallback = "10s",
	    .help = "from a request's first byte to its whole header",
	    .min = 10,
	    .max = 3600000 },
	{ .key = "body_timeout",
	    .kind = SETTING_DURATION,
	    .offset = IN(http, body_timeout_ms),
	    .fallback = "20s",
	    .help = "from the header to the whole body",
	    .min = 10,
	    .max = 3600000 },
	{ .key = "idle_timeout",
	    .kind = SETTING_DURATION,
	    .offset = IN(http, idle_timeout_ms),
	    .fallback = "60s",
	    .help = "how long a connection may wait for its next request",
	    .min = 10,
	    .max = 86400000 },
	{ .key = "answer_timeout",
	    .kind = SETTING_DURATION,
	    .offset = IN(http, answer_timeout_ms),
	    .fallback = "20s",
	    .help = "how long an answer may wait for the disk or, with "
		    "`durability: kafka`, for Kafka; then it is 503",
	    .min = 10,
	    .max = 3600000 },
	{ .key = NULL },
};

static const struct setting limit_fields[] = {
	{ .key = "address_rate",
	    .kind = SETTING_INT,
	    .offset = IN(limits, address.rate),
	    .fallback = "200",
	    .help = "requests a second of one address (IPv6: /64); above it "
		    "429; 0: any",
	    .min = 0,
	    .max = 1000000 },
	{ .key = "address_burst",
	    .kind = SETTING_INT,
	    .offset = IN(limits, address.burst),
	    .fallback = "1000",
	    .help = "how many of them may come at once",
	    .min = 1,
	    .max = 10000000 },
	{ .key = "private_addresses",
	    .kind = SETTING_BOOL,
	    .offset = IN(limits, private_addresses),
	    .fallback = "false",
	    .help = "whether loopback and private addresses have that limit" },
	{ .key = NULL },
};

static const struct setting path_fields[] = {
	{ .key = "events",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, events),
	    .fallback = "/e",
	    .help = "POST of events by browsers" },
	{ .key = "pixel",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, pixel),
	    .fallback = "/p",
	    .help = "GET of one event, answered by an image" },
	{ .key = "server",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, server),
	    .fallback = "/v1/events",
	    .help = "signed POST of events by servers" },
	{ .key = "script",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, script),
	    .fallback = "/t.js",
	    .help = "the tracker" },
	{ .key = "redirect",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, redirect),
	    .fallback = "/r",
	    .help = "GET of a click, answered by a redirect" },
	{ .key = "snowplow",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, snowplow),
	    .fallback = "/com.snowplowanalytics.snowplow/tp2",
	    .help = "POST by Snowplow trackers" },
	{ .key = "snowplow_get",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, snowplow_get),
	    .fallback = "/i",
	    .help = "GET by Snowplow trackers" },
	{ .key = "snowplow_redirect",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, snowplow_redirect),
	    .fallback = "/r/tp2",
	    .help = "GET of a click on a Snowplow link" },
	{ .key = "matomo",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, matomo),
	    .fallback = "/matomo.php",
	    .help = "GET and POST by Matomo clients" },
	{ .key = "ga4",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, ga4),
	    .fallback = "/mp/collect",
	    .help = "POST by GA4's Measurement Protocol" },
	{ .key = "ga4_debug",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, ga4_debug),
	    .fallback = "/debug/mp/collect",
	    .help = "the same, checked and not counted" },
	{ .key = "gtag",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, gtag),
	    .fallback = "/g/collect",
	    .help = "GET and POST by gtag.js" },
	{ .key = "segment",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, segment),
	    .fallback = "/v1",
	    .help = "all below it: Segment's and RudderStack's clients" },
	{ .key = "plausible",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, plausible),
	    .fallback = "/api/event",
	    .help = "POST by Plausible clients" },
	{ .key = "umami",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, umami),
	    .fallback = "/api/send",
	    .help = "POST by Umami clients" },
	{ .key = "crosslink",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, crosslink),
	    .fallback = "/x",
	    .help = "GET of the sign for links to the site's other domains" },
	{ .key = "assign",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, assign),
	    .fallback = "/ab",
	    .help = "GET of the visitor's arms; with .js: a script" },
	{ .key = "opt_out",
	    .check = check_path,
	    .kind = SETTING_TEXT,
	    .offset = IN(paths, opt_out),
	    .fallback = "/opt-out",
	    .help = "page where visitors object to being counted" },
	{ .key = NULL },
};

const struct setting collector_setting_table[] = {
	{ .key = "listen",
	    .check = config_check_address,
	    .kind = SETTING_TEXT,
	    .offset = AT(listen),
	    .fallback = "0.0.0.0:8080",
	    .help = "address for hits, host:port; port 0 picks a free one" },
	{ .key = "reuse_port",
	    .kind = SETTING_BOOL,
	    .offset = AT(reuse_port),
	    .fallback = "false",
	    .help = "whether another collector may listen there at the same "
		    "time, to take over" },
	{ .key = "proxy_protocol",
	    .kind = SETTING_CHOICE,
	    .offset = AT(proxy_protocol),
	    .fallback = "off",
	    .help = "required: connections come from trusted_proxies and "
		    "begin with a PROXY header, v1 or v2",
	    .choices = proxy_protocols },
	{ .key = "admin_listen",
	    .check = config_check_address,
	    .kind = SETTING_TEXT,
	    .offset = AT(admin_listen),
	    .fallback = "127.0.0.1:8081",
	    .help = "address for /healthz, /readyz, /metrics, /debug/hits" },
	{ .key = "workers",
	    .kind = SETTING_INT,
	    .offset = AT(workers),
	    .fallback = "0",
	    .help = "threads that serve hits; 0: one for each core",
	    .min = 0,
	    .max = 256 },
	{ .key = "durability",
	    .kind = SETTING_CHOICE,
	    .offset = AT(durability),
	    .fallback = "disk",
	    .help = "a hit is answered once it is synced to disk, confirmed "
		    "by kafka, or in memory (a crash loses it)",
	    .choices = durabilities },
	{ .key = "drain_timeout",
	    .kind = SETTING_DURATION,
	    .offset = AT(drain_timeout_ms),
	    .fallback = "10s",
	    .help = "how long a stop may take to answer and to publish",
	    .min = 0,
	    .max = 3600000 },
	{ .key = "report_refused",
	    .kind = SETTING_DURATION,
	    .offset = AT(refusals_ms),
	    .fallback = "10s",
	    .help = "how often the numbers of refused hits go to Kafka",
	    .min = 100,
	    .max = 600000 },
	{ .key = "spool",
	    .check = check_spool,
	    .kind = SETTING_GROUP,
	    .offset = AT(spool),
	    .help = "records on disk between the answer and Kafka",
	    .fields = spool_fields },
	{ .key = "topic",
	    .check = kafka_check_topic,
	    .kind = SETTING_TEXT,
	    .offset = AT(topic),
	    .fallback = "afterclick.hits",
	    .help = "Kafka topic of the hits" },
	{ .key = "kafka",
	    .check = kafka_check_settings,
	    .kind = SETTING_PAIRS,
	    .offset = AT(kafka),
	    .help = "librdkafka's own settings; bootstrap.servers at least" },
	{ .key = "sites_file",
	    .kind = SETTING_FILE,
	    .offset = AT(sites_file),
	    .fallback = "sites.yaml",
	    .help = "the sites; the aggregator reads the same file" },
	{ .key = "erased_file",
	    .kind = SETTING_FILE,
	    .offset = AT(erased_file),
	    .fallback = "erased.list",
	    .help = "who was erased, as `afterclick forget` wrote it: hits "
		    "that name one are nobody's; read again when it changes" },
	{ .key = "cookie_key",
	    .check = check_cookie_key,
	    .kind = SETTING_SECRET,
	    .offset = AT(cookie_key),
	    .fallback = "",
	    .help = "secret that signs visitor cookies, at least 16 bytes; "
		    "empty: one is made and kept in the spool's directory" },
	{ .key = "cookie_secure",
	    .kind = SETTING_CHOICE,
	    .offset = AT(cookie_secure),
	    .fallback = "auto",
	    .help = "auto: cookies are Secure when a trusted proxy says https",
	    .choices = secures },
	{ .key = "ignored_referrers",
	    .kind = SETTING_TEXTS,
	    .offset = AT(ignored_referrers),
	    .fallback = "[]",
	    .help = "hosts, with all below them, whose links open no new "
		    "visit: payment pages and sign-in" },
	{ .key = "log_level",
	    .kind = SETTING_CHOICE,
	    .offset = AT(log_level),
	    .fallback = "info",
	    .help = "the least that is logged",
	    .choices = levels },
	{ .key = "http",
	    .kind = SETTING_GROUP,
	    .offset = AT(http),
	    .help = "limits on strangers",
	    .fields = http_fields },
	{ .key = "limits",
	    .kind = SETTING_GROUP,
	    .offset = AT(limits),
	    .help = "how much one client may send; each worker grants its "
		    "share",
	    .fields = limit_fields },
	{ .key = "paths",
	    .check = check_paths,
	    .kind = SETTING_GROUP,
	    .offset = AT(paths),
	    .help = "where the endpoints are",
	    .fields = path_fields },
	{ .key = "trusted_proxies",
	    .check = forwarded_check,
	    .kind = SETTING_TEXTS,
	    .offset = AT(trusted_proxies),
	    .fallback = "[]",
	    .help = "addresses or networks whose X-Forwarded-For and "
		    "X-Forwarded-Proto are believed" },
	{ .key = NULL },
};

bool
settings_load(const char *file, struct collector_settings *set,
    struct arena *arena, struct buf *problems)
{
	memset(set, 0, sizeof(*set));
	if (!config_load(file, collector_setting_table, set, arena, problems))
		return false;
	if (set->proxy_protocol == PROXY_PROTOCOL_REQUIRED &&
	    set->trusted_proxies.count == 0) {
		buf_printf(problems,
		    "%s: proxy_protocol: nobody may connect while "
		    "trusted_proxies is empty\n",
		    file);
		return false;
	}
	if (set->workers == 0)
		set->workers = sysconf(_SC_NPROCESSORS_ONLN);
	if (set->workers < 1)
		set->workers = 1;
	return true;
}

struct site_book *
site_book_load(const struct collector_settings *set, struct buf *problems)
{
	struct site_book *book = mem_zero(1, sizeof(*book));
	struct error err;

	book->arena = arena_new(16384);
	atomic_init(&book->holders, 1);
	book->limits = set->limits;
	book->limits.address = limits_share(set->limits.address, set->workers);
	if (sites_load(set->sites_file, &book->sites, book->arena, problems)) {
		book->erased = erased_load(set->erased_file, &err);
		if (book->erased != NULL)
			return book;
		buf_printf(problems, "%s\n", err.text);
		sites_close(&book->sites);
	}
	arena_free(book->arena);
	free(book);
	return NULL;
}

struct site_book *
site_book_hold(struct site_book *book)
{
	atomic_fetch_add(&book->holders, 1);
	return book;
}

void
site_book_drop(struct site_book *book)
{
	if (book == NULL || atomic_fetch_sub(&book->holders, 1) > 1)
		return;
	sites_close(&book->sites);
	erased_free(book->erased);
	arena_free(book->arena);
	free(book);
}
