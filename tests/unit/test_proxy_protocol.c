/*
 * test_proxy_protocol.c - whose connection it is, from its first bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <cmocka.h>

#include "common/proxy_protocol.h"

#define BEHIND "GET / HTTP/1.1\r\n"
#define SIG "\r\n\r\n\0\r\nQUIT\n"

/* HEADER, with a request behind it, names CLIENT; NULL: LOCAL. Any shorter
 * piece of it needs more. */
static void
expect(struct str header, const char *client)
{
	struct buf all = { 0 };
	struct in6_addr peer = { 0 };
	char text[INET6_ADDRSTRLEN];
	size_t used = 0;
	enum proxy_step step;

	for (size_t len = 0; len < header.len; len++)
		assert_int_equal(
		    proxy_read(str_head(header, len), &peer, &used),
		    PROXY_MORE);
	buf_add_str(&all, header);
	buf_add_str(&all, STR(BEHIND));
	step = proxy_read(buf_str(&all), &peer, &used);
	assert_int_equal(step, client ? PROXY_OK : PROXY_LOCAL);
	assert_int_equal(used, header.len);
	if (client != NULL) {
		inet_ntop(AF_INET6, &peer, text, sizeof(text));
		assert_string_equal(text, client);
	}
	buf_free(&all);
}

static void
bad(struct str header)
{
	struct in6_addr peer;
	size_t used;

	assert_int_equal(proxy_read(header, &peer, &used), PROXY_BAD);
}

static void
a_line_of_version_1_names_the_client(void **state)
{
	(void)state;
	expect(STR("PROXY TCP4 203.0.113.9 192.0.2.1 56324 443\r\n"),
	    "::ffff:203.0.113.9");
	expect(STR("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n"),
	    "::ffff:0.0.0.0");
	expect(
	    STR("PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n"), "2001:db8::1");
	expect(STR("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		   "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void
unknown_is_the_sockets_own_address(void **state)
{
	(void)state;
	expect(STR("PROXY UNKNOWN\r\n"), NULL);
	expect(STR("PROXY UNKNOWN whatever 1 2 3\r\n"), NULL);
}

static void
version_1_is_read_strictly(void **state)
{
	static const struct str lines[] = {
		STR("G"),
		STR("PROXI"),
		STR("proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n"),
		STR("PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n"),
		STR("PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n"),
		STR("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n"),
		STR("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n"),
		STR("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"),
		STR("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n"),
		STR("PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n"),
		STR("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n"),
		STR("PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n"),
		STR("PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n"),
		STR("PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n"),
		STR("PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n"),
		STR("PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n"),
		STR("PROXY TCP4 ::1 ::1 1 2\r\n"),
		STR("PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n"),
		STR("PROXY TCP6 ::1%eth0 ::1 1 2\r\n"),
		STR("PROXY TCP6 [::1] ::1 1 2\r\n"),
		STR("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n"),
		STR("PROXY TCP4 1.2.3.4\0 1.2.3.4 1 2\r\n"),
		STR("PROXY \r\n"),
		STR("PROXY\r\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		bad(lines[i]);
}

static void
version_1_ends_within_107_bytes(void **state)
{
	struct buf line = { 0 };
	struct in6_addr peer;
	size_t used;

	(void)state;
	buf_add_str(&line, STR("PROXY UNKNOWN "));
	while (line.len < PROXY_V1_MAX - 2)
		buf_add_char(&line, 'x');
	assert_int_equal(proxy_read(buf_str(&line), &peer, &used), PROXY_MORE);
	buf_add_str(&line, STR("\r\n"));
	assert_int_equal(proxy_read(buf_str(&line), &peer, &used), PROXY_LOCAL);
	line.len -= 2;
	buf_add_str(&line, STR("x\r\n"));
	bad(buf_str(&line));
	buf_free(&line);
}

static void
version_2_names_the_client(void **state)
{
	(void)state;
	expect(STR(SIG "\x21\x11\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\1\2\3\4"),
	    "::ffff:203.0.113.9");
	expect(STR(SIG "\x21\x21\0\x24"
		       "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
		       "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2\1\2\3\4"),
	    "2001:db8::1");
	/* With a fact of four bytes behind the addresses. */
	expect(STR(SIG "\x21\x11\0\x10\xcb\0\x71\x09\xc0\0\x02\x01\1\2\3\4"
		       "\4\0\1\0"),
	    "::ffff:203.0.113.9");
}

static void
version_2_may_speak_for_the_proxy_itself(void **state)
{
	(void)state;
	expect(STR(SIG "\x20\0\0\0"), NULL);
	expect(STR(SIG "\x20\x11\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\1\2\3\4"),
	    NULL);
	expect(STR(SIG "\x21\0\0\0"), NULL);
	expect(STR(SIG "\x21\0\0\4abcd"), NULL);
}

static void
version_2_is_read_strictly(void **state)
{
	(void)state;
	bad(STR("\r\n\r\n\1"));
	bad(STR("\rGET"));
	bad(STR(SIG "\x11\x11\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\1\2\3\4"));
	bad(STR(SIG "\x22\x11\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\1\2\3\4"));
	bad(STR(SIG "\x21\x12\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\1\2\3\4"));
	bad(STR(SIG "\x21\x41\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\1\2\3\4"));
	bad(STR(SIG "\x21\x11\0\x0b\xcb\0\x71\x09\xc0\0\x02\x01\1\2\3"));
	bad(STR(SIG "\x21\x21\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\1\2\3\4"));
	bad(STR(SIG "\x21\x31\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\1\2\3\4"));
	bad(STR(SIG "\x21\x11\xff\xff"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_version_1_names_the_client),
		cmocka_unit_test(unknown_is_the_sockets_own_address),
		cmocka_unit_test(version_1_is_read_strictly),
		cmocka_unit_test(version_1_ends_within_107_bytes),
		cmocka_unit_test(version_2_names_the_client),
		cmocka_unit_test(version_2_may_speak_for_the_proxy_itself),
		cmocka_unit_test(version_2_is_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
