/*
 * proxy_protocol.h - the header that a load balancer puts before a
 * connection's first byte to say whose it is (HAProxy's PROXY protocol, 1
 * and 2). Pure: no I/O.
 */
#ifndef COMMON_PROXY_PROTOCOL_H
#define COMMON_PROXY_PROTOCOL_H

#include <netinet/in.h>

#include "common/str.h"

#define PROXY_V1_MAX 107  /* bytes, with the CRLF */
#define PROXY_V2_HEAD 16  /* bytes, then as many as it says */
#define PROXY_V2_MORE 520 /* of addresses and further facts; above it: bad */

enum proxy_step {
	PROXY_MORE,  /* INPUT may be the beginning of a header */
	PROXY_OK,    /* the client is *PEER */
	PROXY_LOCAL, /* the proxy itself, as in its health checks, or a client
			it does not name: the socket's address stands */
	PROXY_BAD    /* no header: close */
};

/*
 * Looks at INPUT, the first bytes of a connection. PROXY_OK and PROXY_LOCAL
 * set *USED to the header's length; *PEER is set by PROXY_OK, an IPv4
 * address as ::ffff:a.b.c.d. Strict: one space, no leading zeros, numbers in
 * range, TCP only. Further facts (TLVs) are skipped.
 */
enum proxy_step proxy_read(
    struct str input, struct in6_addr *peer, size_t *used);

#endif
