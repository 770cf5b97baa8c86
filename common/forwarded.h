/*
 * forwarded.h - whose request it is when proxies stand in between.
 *
 * X-Forwarded-For is believed only as far as trusted proxies wrote it:
 * read from the right, up to the first address that is not one of them.
 */
#ifndef COMMON_FORWARDED_H
#define COMMON_FORWARDED_H

#include "common/arena.h"
#include "common/config.h"
#include "common/error.h"
#include "common/http.h"
#include "common/str.h"

#define FORWARDED_ADDRESS_MAX 46 /* text of an IPv6 address, and a NUL */

struct network; /* an address and how many of its bits count */

struct forwarded {
	struct network *networks;
	size_t count;
};

/* TEXTS are addresses or networks: 10.0.0.0/8, 2001:db8::/32, ::1. */
bool forwarded_parse(struct forwarded *f, const struct texts *texts,
    struct arena *arena, struct error *err) MUST_CHECK;

/* A check of a SETTING_TEXTS: forwarded_parse() takes it. */
void forwarded_check(const void *value, struct config_place *place);

/* True when PEER (an address) is one of our proxies. */
bool forwarded_trusts(const struct forwarded *f, struct str peer);

/*
 * Writes the client's address in its plain form: PEER itself, or what
 * trusted proxies say in REQ's X-Forwarded-For. A part that is no address
 * ends the walk: the address before it (to its right) counts.
 */
void forwarded_client(const struct forwarded *f, struct str peer,
    const struct http_request *req, char out[FORWARDED_ADDRESS_MAX]);

/* True when a trusted PEER says that the client came by https. */
bool forwarded_https(
    const struct forwarded *f, struct str peer, const struct http_request *req);

/* Writes ADDRESS (text) as 16 bytes, IPv4 as ::ffff:a.b.c.d; false when it
 * is none. */
bool forwarded_address(struct str address, uint8_t out[16]) MUST_CHECK;

/*
 * Writes ADDRESS cut to its network, /24 or /48 of IPv6 (IPv4 in IPv6 is
 * IPv4), or "" and false when it is no address.
 */
bool forwarded_truncate(struct str address, char out[FORWARDED_ADDRESS_MAX]);

#endif
