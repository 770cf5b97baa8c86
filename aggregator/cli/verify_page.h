/*
 * verify_page.h - one page for `afterclick verify-site`: fetched within
 * bounds, and what it says of our tag.
 */
#ifndef AGGREGATOR_CLI_VERIFY_PAGE_H
#define AGGREGATOR_CLI_VERIFY_PAGE_H

#include <stdint.h>

#include "aggregator/cli/html.h"
#include "aggregator/cli/transfer.h"

#define VERIFY_AGENT "afterclick-verify" /* as robots.txt may call us */

struct fetcher {
	struct arena *arena; /* all that is fetched lives there */
	const char *ca_file;
	const char *host; /* redirects to others are not followed; NULL: any */
	int64_t until_ms; /* by clock_mono_ms() */
};

struct fetched {
	const char *problem; /* when it is not */
	long status;
	const char *url;       /* after redirects */
	const char *elsewhere; /* a redirect to another host */
	bool html;
	struct str body;
};

/* GETs URL. False: PROBLEM says why there is no answer. */
bool fetch(struct fetcher *f, const char *url, struct fetched *out);

struct page {
	const char *url;
	long status;
	const char *kind;     /* script or pixel; NULL: no tag */
	const char *site;     /* NULL: the collector's host tells it */
	const char *script;   /* address of the tag */
	const char *endpoint; /* where hits go */
	const char *consent;  /* NULL: the site's setting */
	const char *title;
	const char *problem; /* what is wrong */
	const char *remark;  /* what one should know */
};

/*
 * Reads BODY, the page P, which came from URL: the tag whose file is called
 * SCRIPT, which must be of SITE if that is not NULL. Calls LINK for each link.
 */
void verify_page(struct page *p, struct fetcher *f, const char *url,
    struct str body, const char *script, const char *site,
    void (*link)(void *ctx, const char *base, const char *ref), void *ctx);

/* Appends the hit that P's tag would send first, as JSON. */
void verify_sends(const struct page *p, struct buf *out);

#endif
