/*
 * fuzz_forwarded.c - whatever X-Forwarded-For holds: the client is an address
 * in its plain form or the peer as it is, a stranger's word changes nothing,
 * and no trusted proxy is taken for the client while another is named.
 *
 * The input's first line is the peer, the second and third are two fields.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>

#include "common/forwarded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *const proxies[] = { (char *)"10.0.0.0/8", (char *)"127.0.0.1",
	(char *)"2001:db8:1::/48" };

static bool
is_address(const char *text)
{
	struct in6_addr a;

	return inet_pton(AF_INET, text, &a) == 1 ||
	       inet_pton(AF_INET6, text, &a) == 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_make((const char *)data, size), line[3] = { 0 };
	struct arena *arena = arena_new(4096);
	struct texts texts = { (char **)(void *)proxies, 3 };
	struct http_header fields[2];
	struct http_request req = { .headers = fields, .header_count = 2 };
	struct forwarded f;
	struct error err;
	struct str peers[] = { STR("10.0.0.1"), STR("192.0.2.1") };
	char out[FORWARDED_ADDRESS_MAX], cut[FORWARDED_ADDRESS_MAX];

	for (int i = 0; i < 3; i++) {
		if (!str_cut(&rest, '\n', &line[i]))
			break;
	}
	assert(forwarded_parse(&f, &texts, arena, &err));
	fields[0] = (struct http_header){ STR("X-Forwarded-For"), line[1] };
	fields[1] = (struct http_header){ STR("x-forwarded-for"), line[2] };
	forwarded_client(&f, peers[0], &req, out);
	assert(is_address(out));
	assert(forwarded_truncate(str_of(out), cut));
	assert(is_address(cut));
	forwarded_client(&f, peers[1], &req, out);
	assert(str_is(peers[1], out));
	/* A peer is text of the kernel's or the PROXY header's. */
	forwarded_client(&f, line[0], &req, out);
	(void)forwarded_https(&f, line[0], &req);
	if (forwarded_truncate(line[0], cut))
		assert(is_address(cut));
	else
		assert(cut[0] == '\0');

	/* What a proxy of ours adds behind all that is what counts. */
	line[2] = arena_printf(arena, "%.*s, 203.0.113.9", STR_ARG(line[2]));
	fields[1].value = line[2];
	forwarded_client(&f, peers[0], &req, out);
	assert(str_is(STR("203.0.113.9"), out));
	arena_free(arena);
	return 0;
}
