/*
 * settings.h - collector.yaml: the settings of the collector and the sites
 * they lead to.
 */
#ifndef COLLECTOR_SETTINGS_H
#define COLLECTOR_SETTINGS_H

#include <stdint.h>

#include "common/limits.h"
#include "common/arena.h"
#include "common/config.h"
#include "common/erased.h"
#include "common/site.h"

enum proxy_protocol { PROXY_PROTOCOL_OFF, PROXY_PROTOCOL_REQUIRED };
enum cookie_secure { COOKIE_SECURE_AUTO, COOKIE_SECURE_ALWAYS };

struct collector_spool {
	char *dir;
	int64_t max_bytes;
	int64_t segment_bytes;
};
struct collector_http {
	int64_t max_body;
	int64_t max_inflated;
	int64_t connections;
	int64_t net_connections;
	int64_t min_body_rate;
	int64_t header_timeout_ms;
	int64_t body_timeout_ms;
	int64_t idle_timeout_ms;
	int64_t answer_timeout_ms;
};
struct collector_paths {
	char *events;
	char *pixel;
	char *server;
	char *script;
	char *redirect;
	/* Other systems' clients. */
	char *snowplow;
	char *snowplow_get;
	char *snowplow_redirect;
	char *matomo;
	char *ga4;
	char *ga4_debug;
	char *gtag;
	char *segment;
	char *plausible;
	char *umami;
	char *crosslink;
	char *opt_out;
	char *assign;
};
/* May change while we run. */
struct collector_limits {
	struct limit address; /* of one worker, in a site_book */
	bool private_addresses;
};

struct collector_settings {
	char *listen;
	bool reuse_port;    /* another collector may listen there too */
	int proxy_protocol; /* enum proxy_protocol */
	char *admin_listen;
	int64_t workers; /* never 0 after settings_load() */
	int durability;  /* enum durability */
	int64_t drain_timeout_ms;
	int64_t refusals_ms;
	struct collector_spool spool;
	char *topic;
	struct pairs kafka;
	char *sites_file;
	char *erased_file; /* need not be there */
	char *cookie_key;  /* "": one is made and kept in the spool's dir */
	int cookie_secure; /* enum cookie_secure */
	struct texts ignored_referrers;
	int log_level; /* enum log_level */
	struct collector_http http;
	struct collector_limits limits; /* of all workers together */
	struct collector_paths paths;
	struct texts trusted_proxies;
};

extern const struct setting collector_setting_table[];

/*
 * Reads and checks FILE, without the sites. False when anything is wrong:
 * PROBLEMS then holds a line for each; SET is not to be used.
 */
bool settings_load(const char *file, struct collector_settings *set,
    struct arena *arena, struct buf *problems) MUST_CHECK;

/*
 * The sites, and the settings that may change while we run, as several
 * threads share them while a reload may replace them: whoever holds a book
 * may read it until it drops it.
 */
struct site_book {
	struct sites sites;
	struct erased *erased;          /* who must not come back */
	struct collector_limits limits; /* of one worker */
	struct arena *arena;
	_Atomic int holders;
};

/* From SET, which may go afterwards. NULL and PROBLEMS when its sites_file or
 * erased_file is wrong. The caller holds the result. */
struct site_book *site_book_load(
    const struct collector_settings *set, struct buf *problems) MUST_CHECK;
/* One more holder; returns BOOK. */
struct site_book *site_book_hold(struct site_book *book);
/* The last one to drop it frees it. NULL is allowed. */
void site_book_drop(struct site_book *book);

#endif
