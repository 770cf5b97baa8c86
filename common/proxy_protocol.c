/*
 * proxy_protocol.c - both versions, told apart by their first byte.
 */
#include "common/proxy_protocol.h"

#include <arpa/inet.h>

static const char signature[12] = "\r\n\r\n\0\r\nQUIT\n";

static struct in6_addr
from_v4(const void *four)
{
	struct in6_addr a = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	memcpy(&a.s6_addr[12], four, 4);
	return a;
}

/* --- version 1: a line of text -------------------------------------------- */

static bool
is_port(struct str text)
{
	int64_t port;

	return text.len <= 5 &&
	       (text.len == 1 || !str_starts(text, STR("0"))) &&
	       !str_starts(text, STR("-")) && str_int(text, 0, 65535, &port);
}

/* FAMILY is AF_INET or AF_INET6. inet_pton() takes no leading zeros. */
static bool
is_address(struct str text, int family, struct in6_addr *out)
{
	char copy[INET6_ADDRSTRLEN];
	uint8_t four[4];

	if (text.len == 0 || text.len >= sizeof(copy) ||
	    memchr(text.data, '\0', text.len) != NULL)
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	if (family == AF_INET6)
		return inet_pton(AF_INET6, copy, out) == 1;
	if (inet_pton(AF_INET, copy, four) != 1)
		return false;
	*out = from_v4(four);
	return true;
}

/* The line behind "PROXY ", without its end. */
static enum proxy_step
read_line(struct str rest, struct in6_addr *peer)
{
	struct str kind, from, to, from_port, to_port;
	struct in6_addr client, server;
	int family;

	if (!str_cut(&rest, ' ', &kind))
		return PROXY_BAD;
	/* What follows UNKNOWN has to be passed over. */
	if (str_is(kind, "UNKNOWN"))
		return PROXY_LOCAL;
	if (!str_is(kind, "TCP4") && !str_is(kind, "TCP6"))
		return PROXY_BAD;
	family = str_is(kind, "TCP4") ? AF_INET : AF_INET6;
	if (!str_cut(&rest, ' ', &from) || !str_cut(&rest, ' ', &to) ||
	    !str_cut(&rest, ' ', &from_port) ||
	    !str_cut(&rest, ' ', &to_port) || rest.data != NULL ||
	    !is_address(from, family, &client) ||
	    !is_address(to, family, &server) || !is_port(from_port) ||
	    !is_port(to_port))
		return PROXY_BAD;
	*peer = client;
	return PROXY_OK;
}

static enum proxy_step
read_v1(struct str input, struct in6_addr *peer, size_t *used)
{
	static const struct str word = STR("PROXY ");
	struct str line = str_head(input, PROXY_V1_MAX);
	ptrdiff_t end;

	if (!str_eq(str_head(line, word.len), str_head(word, line.len)))
		return PROXY_BAD;
	end = str_find_char(line, '\n');
	if (end < 0)
		return line.len < PROXY_V1_MAX ? PROXY_MORE : PROXY_BAD;
	if ((size_t)end < word.len + 1 || line.data[end - 1] != '\r')
		return PROXY_BAD;
	*used = (size_t)end + 1;
	return read_line(
	    str_from(str_head(line, (size_t)end - 1), word.len), peer);
}

/* --- version 2: binary ---------------------------------------------------- */

enum { COMMAND_LOCAL = 0x20, COMMAND_PROXY = 0x21 };
enum {
	FAMILY_UNSPEC = 0x00,
	FAMILY_TCP4 = 0x11,
	FAMILY_TCP6 = 0x21,
	FAMILY_UNIX = 0x31
};

static enum proxy_step
read_v2(struct str input, struct in6_addr *peer, size_t *used)
{
	const uint8_t *byte = (const uint8_t *)input.data;
	size_t more;

	if (memcmp(input.data, signature,
		input.len < sizeof(signature) ? input.len
					      : sizeof(signature)) != 0)
		return PROXY_BAD;
	if (input.len < PROXY_V2_HEAD)
		return PROXY_MORE;
	more = (size_t)byte[14] << 8 | byte[15];
	if (more > PROXY_V2_MORE ||
	    (byte[12] != COMMAND_LOCAL && byte[12] != COMMAND_PROXY))
		return PROXY_BAD;
	*used = PROXY_V2_HEAD + more;
	if (byte[12] == COMMAND_PROXY) {
		/* Refused before the rest has come. */
		if ((byte[13] == FAMILY_TCP4 && more < 12) ||
		    (byte[13] == FAMILY_TCP6 && more < 36) ||
		    (byte[13] == FAMILY_UNIX && more < 216))
			return PROXY_BAD;
		if (byte[13] != FAMILY_TCP4 && byte[13] != FAMILY_TCP6 &&
		    byte[13] != FAMILY_UNIX && byte[13] != FAMILY_UNSPEC)
			return PROXY_BAD;
	}
	if (input.len < *used)
		return PROXY_MORE;
	if (byte[12] == COMMAND_LOCAL || byte[13] == FAMILY_UNSPEC ||
	    byte[13] == FAMILY_UNIX)
		return PROXY_LOCAL;
	if (byte[13] == FAMILY_TCP4)
		*peer = from_v4(byte + PROXY_V2_HEAD);
	else
		memcpy(peer, byte + PROXY_V2_HEAD, sizeof(*peer));
	return PROXY_OK;
}

enum proxy_step
proxy_read(struct str input, struct in6_addr *peer, size_t *used)
{
	if (input.len == 0)
		return PROXY_MORE;
	return input.data[0] == signature[0] ? read_v2(input, peer, used)
					     : read_v1(input, peer, used);
}
