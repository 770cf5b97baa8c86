/*
 * site.h - the sites we measure, from sites.yaml; collector and aggregator
 * read the same file.
 */
#ifndef COMMON_SITE_H
#define COMMON_SITE_H

#include "common/calendar.h"
#include "common/compatible.h"
#include "common/config.h"
#include "common/experiment.h"
#include "common/goal.h"

struct site {
	char *id;
	struct texts hosts;   /* its own hosts: never a referrer */
	struct texts origins; /* may send with credentials (CORS) */
	char *timezone;
	char *currency; /* of its reports */
	int64_t margin_micros;
	int64_t lookback_ms;
	bool exclude_direct; /* direct touches count only when all are */
	bool exposure;       /* equal neighbours in a path are one touch */
	bool reset_after_conversion; /* of the same goal */
	int utm_case;                /* enum site_utm_case */
	struct texts api_keys;       /* secrets of the server lane */
	int64_t browser_value_cap; /* micros; above it the browser is refused */
	int cookies;               /* enum site_cookies */
	char *cookie_domain;       /* "" is the host only */
	struct items goals;        /* struct goal */
	struct items experiments;  /* struct experiment */
	int consent;               /* enum site_consent */
	int dnt;                   /* enum site_dnt */
	bool keep_network;         /* of the client's address, in hits */
	struct texts consent_from; /* tcf, consent_mode: read by the page */
	struct texts link_hosts;   /* links to them carry the visitor along */
	int64_t hit_rate;          /* hits a second of browsers; 0: any */
	int64_t hit_burst;
	struct texts redirect_hosts; /* exact hosts that /r may lead to */
	char *redirect_key; /* signs links to any other host; "": none */
	bool redirect_http; /* http targets too */
	struct compatible compatible; /* what foreign clients call it */
	struct zone *zone;            /* opened by sites_load */
};
enum site_cookies { SITE_COOKIES_ON, SITE_COOKIES_OFF, SITE_COOKIES_DAILY };
/* What is presumed of a hit that does not say; WAIT: nothing is sent before,
 * and of what comes all the same the worst. */
enum site_consent {
	SITE_CONSENT_UNKNOWN,
	SITE_CONSENT_GRANTED,
	SITE_CONSENT_DENIED,
	SITE_CONSENT_WAIT
};
enum site_dnt { SITE_DNT_IGNORE, SITE_DNT_DENY };
enum site_utm_case { SITE_UTM_LOWER, SITE_UTM_KEEP };

struct sites {
	struct items list; /* struct site */
};

extern const struct setting site_settings[];

/* Loads and checks FILE: zones exist, ids and currencies are well-formed. */
bool sites_load(const char *file, struct sites *sites, struct arena *arena,
    struct buf *problems) MUST_CHECK;
/* Closes the zones. */
void sites_close(struct sites *sites);
/* The site called ID, or NULL. */
const struct site *sites_find(const struct sites *sites, struct str id);
/* The site that owns HOST (port ignored, case ignored), or NULL. */
const struct site *sites_by_host(const struct sites *sites, struct str host);
/* The site that foreign clients call ID, or that has the id ID; or NULL. */
const struct site *sites_by_name(
    const struct sites *sites, enum compatible_name name, struct str id);

#endif
