/*
 * link.h - where a click redirect may lead, and the signature that says so.
 *
 * A target is taken apart by rules so narrow that no browser reads another
 * host in it than we do; what is sent back is put together from the parts.
 * The collector checks links, the command `afterclick link` makes them.
 */
#ifndef COMMON_LINK_H
#define COMMON_LINK_H

#include <stdbool.h>

#include "common/config.h"
#include "common/str.h"

#define LINK_TARGET_MAX 2048  /* bytes */
#define LINK_SIGNATURE_LEN 64 /* hex digits */

/* A target in parts, which borrow from its text. */
struct link_target {
	bool http;       /* not https */
	struct str host; /* as written, in any case */
	struct str port; /* digits; empty: the scheme's */
	struct str rest; /* empty, or from '/', '?' or '#' on */
};

/*
 * Takes TEXT (percent-decoded once, as it came in `to`) apart. False unless
 * it is https://HOST[:PORT][/...][?...][#...], or http:// where HTTP_TOO:
 * printable ASCII without space, quotes, <, >, \, ^, ` and {|}; HOST of
 * letters, digits, - and _ in labels joined by single dots, the last one not
 * of digits alone; no user, no IP address.
 */
bool link_parse(
    struct str text, bool http_too, struct link_target *out) MUST_CHECK;

/* True when the host of T is exactly one of HOSTS and the port the
 * scheme's. */
bool link_listed(const struct link_target *t, const struct texts *hosts);

/*
 * HMAC-SHA256 with KEY over SITE "\n" CAMPAIGN "\n" TARGET, all decoded, as
 * lower-case hex and a NUL. CAMPAIGN is empty when the link states none.
 */
void link_sign(struct str key, struct str site, struct str campaign,
    struct str target, char out[LINK_SIGNATURE_LEN + 1]);
/* True when SIGNATURE is that, in hex of either case. */
bool link_signed(struct str key, struct str site, struct str campaign,
    struct str target, struct str signature) MUST_CHECK;

/* Appends T's address, with the host in lower case and a path. */
void link_write(const struct link_target *t, struct buf *out);

#endif
