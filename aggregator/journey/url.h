/*
 * url.h - an address taken apart, as strangers write it.
 *
 * Lenient: nothing is refused, a part that makes no sense is empty. All
 * parts borrow from the text and are still percent-encoded.
 */
#ifndef AGGREGATOR_JOURNEY_URL_H
#define AGGREGATOR_JOURNEY_URL_H

#include "common/site.h"
#include "common/str.h"

#define URL_HOST_MAX 253 /* bytes; longer is no host */

struct url {
	struct str scheme;
	struct str host;  /* no user, port or last dot; any case; may be IPv6 */
	struct str path;  /* with its '/' */
	struct str query; /* behind '?', without the fragment */
};

/*
 * TEXT is absolute, begins with "//" or with a host that has a dot; anything
 * else is a path and query without a host.
 */
void url_parse(struct str text, struct url *out);

/* HOST without "www." or "www2." before it. */
struct str url_bare_host(struct str host);

/*
 * True when HOST is the page's own (PAGE_HOST) or one of SITE's: case and
 * "www." are ignored, "*.shop.example" in the configuration stands for all
 * hosts below. SITE may be NULL.
 */
bool url_is_own(const struct site *site, struct str page_host, struct str host);

#endif
