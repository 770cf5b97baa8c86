/*
 * test_http.c - what the parser takes, what it refuses and with which
 * status, and that the places where a stream is cut do not matter.
 */
#include "common/http.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "common/http_syntax.h"
#include "tests/unit/http_malformed.h"

static const struct http_limits limits = { 8192, 16384, 100, 65536 };

struct result {
	enum http_step step;
	int status;
	size_t used;
	struct http_request req;
};

/* A copy that ends where its memory ends, so that ASan sees a read beyond. */
static struct str
exact(struct str s)
{
	char *copy = mem_alloc(s.len + 1);

	memcpy(copy + 1, s.data, s.len);
	return str_make(copy + 1, s.len);
}

static void
exact_free(struct str s)
{
	free((char *)s.data - 1);
}

/* Says what REQ holds in one text, to compare two of them. */
static void
describe(struct buf *out, const struct http_request *req)
{
	buf_printf(out, "%d %d %d %d [%.*s] [%.*s] [%.*s] [%.*s]\n",
	    req->method, req->minor_zero, req->keep_alive,
	    req->expects_continue, STR_ARG(req->method_text),
	    STR_ARG(req->path), STR_ARG(req->query), STR_ARG(req->host));
	for (size_t i = 0; i < req->header_count; i++)
		buf_printf(out, "[%.*s] [%.*s]\n",
		    STR_ARG(req->headers[i].name),
		    STR_ARG(req->headers[i].value));
	buf_add_str(out, req->body);
}

/*
 * Feeds INPUT in pieces that end at CUT, CUT + STEP, ... to a new parser, at
 * another place in memory each time, and adds all that came of it to OUT.
 */
static int
feed(struct str input, size_t cut, size_t step, struct buf *out)
{
	struct http_parser *p = http_parser_new(&limits);
	struct http_request req;
	size_t begin = 0, end = cut, used = 0;
	int status = 0;

	while (begin < input.len) {
		struct str part =
		    exact(str_make(input.data + begin, end - begin));
		enum http_step at = http_parse(p, part, &req, &used, &status);

		if (at == HTTP_READY) {
			describe(out, &req);
			buf_printf(out, "\n%zu\n", used);
			begin += used;
			http_parser_reset(p);
			exact_free(part);
			if (begin > end)
				fail_msg("used more than there was");
			if (begin == end)
				end = end + step < input.len ? end + step
							     : input.len;
			continue;
		}
		exact_free(part);
		if (at == HTTP_BAD) {
			buf_printf(out, "refused %d\n", status);
			break;
		}
		if (end == input.len)
			break;
		end = end + step < input.len ? end + step : input.len;
	}
	http_parser_free(p);
	return status;
}

/* INPUT gives the same however it is cut; returns the status. */
static int
feed_every_way(struct str input)
{
	struct buf whole = { 0 }, cut = { 0 };
	int status = feed(input, input.len, 1, &whole);

	for (size_t at = 1; at <= input.len; at++) {
		/* In two pieces, and byte by byte from there on. */
		for (int how = 0; how < (at < 200 ? 2 : 1); how++) {
			cut.len = 0;
			feed(input, at, how ? 1 : input.len, &cut);
			if (!str_eq(buf_str(&whole), buf_str(&cut)))
				fail_msg("cut at %zu: %s instead of %s", at,
				    buf_text(&cut), buf_text(&whole));
		}
	}
	buf_free(&whole);
	buf_free(&cut);
	return status;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
malformed_requests_are_refused_with_the_status_they_deserve(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(malformed); i++) {
		int status = feed_every_way(malformed[i].text);

		if (status != malformed[i].status)
			fail_msg("row %zu: %d instead of %d for %.*s", i,
			    status, malformed[i].status,
			    STR_ARG(malformed[i].text));
	}
}

/* HEAD, then PIECE N times, then TAIL: the status it is refused with. */
static int
long_one(const char *head, const char *piece, size_t n, const char *tail)
{
	struct buf text = { 0 }, out = { 0 }, cut = { 0 };
	int status;

	buf_add_str(&text, str_of(head));
	for (size_t i = 0; i < n; i++)
		buf_add_str(&text, str_of(piece));
	buf_add_str(&text, str_of(tail));
	status = feed(buf_str(&text), text.len, 1, &out);
	for (size_t step = 1; step < 4000; step = step * 3 + 600) {
		cut.len = 0;
		feed(buf_str(&text), 1, step, &cut);
		assert_true(str_eq(buf_str(&out), buf_str(&cut)));
	}
	buf_free(&text);
	buf_free(&out);
	buf_free(&cut);
	return status;
}

static void
what_is_too_long_is_refused_before_it_is_whole(void **state)
{
	(void)state;
	assert_int_equal(long_one("GET /", "a", 8188, ""), 414);
	assert_int_equal(
	    long_one("GET /", "a", 8179, " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
	assert_int_equal(
	    long_one("GET /", "a", 8178, " HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
	assert_int_equal(long_one("A", "A", 9000, ""), 414);
	assert_int_equal(
	    long_one("GET / HTTP/1.1\r\nHost: a\r\nX: ", "a", 16384, ""), 431);
	assert_int_equal(long_one("GET / HTTP/1.1\r\nHost: a\r\n",
			     "X: 67890123456789\r\n", 1000, ""),
	    431);
	assert_int_equal(
	    long_one("GET / HTTP/1.1\r\nHost: a\r\n", "X: 1\r\n", 100, "\r\n"),
	    431);
	assert_int_equal(
	    long_one("GET / HTTP/1.1\r\nHost: a\r\n", "X: 1\r\n", 99, "\r\n"),
	    0);
	assert_int_equal(
	    long_one("GET / HTTP/1.1\r\nHost: ", "a", 256, "\r\n\r\n"), 400);
	assert_int_equal(
	    long_one("GET / HTTP/1.1\r\nHost: ", "a", 255, "\r\n\r\n"), 0);
	assert_int_equal(long_one(CHUNKED "1;", "x", 600, ""), 413);
	assert_int_equal(long_one(CHUNKED, "0", 513, ""), 413);
	assert_int_equal(long_one(CHUNKED, "1\r\na\r\n", 17500, ""), 413);
	assert_int_equal(long_one(CHUNKED "0\r\n", "X: 1\r\n", 101, ""), 431);
	assert_int_equal(long_one(CHUNKED "0\r\nX: ", "a", 17000, ""), 431);
	assert_int_equal(
	    long_one(POST("Content-Length: 65536\r\n"), "a", 65536, ""), 0);
	assert_int_equal(
	    long_one(CHUNKED "10000\r\n", "a", 65536, "\r\n0\r\n\r\n"), 0);
	assert_int_equal(
	    long_one(CHUNKED "10000\r\n", "a", 65536, "\r\n1\r\n"), 413);
}

static const struct str valid[] = {
	T(GET("Host: a\r\n")),
	T("\r\n" GET("Host: a\r\n")),
	T(LINE("GET /p?a=b&c=%20|{}^`[]\"<>\\ HTTP/1.1")),
	T(LINE("GET /?? HTTP/1.1")),
	T(LINE("HEAD http://B.example:80/x?y HTTP/1.1")),
	T(LINE("GET HTTPS://[::1]:443 HTTP/1.1")),
	T(LINE("GET http://b?q HTTP/1.1")),
	T(LINE("OPTIONS * HTTP/1.1")),
	T(LINE("PROPFIND / HTTP/1.1")),
	T("GET / HTTP/1.0\r\n\r\n"),
	T("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"),
	T(GET("host:a_b.example:\r\nX:\r\nY: \t z\t y \t\r\nZ: \377\200\r\n"
	      "!#$%&'*+-.^_`|~: 1\r\n")),
	T(GET("Host: a\r\nConnection: foo , CLOSE\r\n")),
	T(GET("Host: a\r\nContent-Length: 3\r\n") "abc"),
	T(POST("Content-Length: 0\r\n")),
	T(POST("Content-Length: 0005\r\nExpect: 100-Continue\r\n") "a\0\r\nb"),
	T(CHUNKED "0\r\n\r\n"),
	T(CHUNKED "1\r\na\r\n00A;x;y=z;q=\"\\\" ;\"\r\n0123456789\r\n"
		  "000\r\nX: 1\r\nY:\r\n\r\n"),
	T(POST("transfer-encoding: \t Chunked \r\nExpect: "
	       "100-continue\r\n") "3\r\n\r\n\r\r\n0\r\n\r\n"),
};

static void
valid_requests_cut_at_every_byte_give_the_same(void **state)
{
	struct buf all = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(valid); i++) {
		if (feed_every_way(valid[i]) != 0)
			fail_msg("row %zu was refused", i);
		buf_add_str(&all, valid[i]);
	}
	/* And all of them in one stream. */
	assert_int_equal(feed_every_way(buf_str(&all)), 0);
	buf_free(&all);
}

static struct http_parser *parser;

static struct result
parse(struct str text)
{
	struct result r = { .status = 0 };

	http_parser_reset(parser);
	r.step = http_parse(parser, text, &r.req, &r.used, &r.status);
	return r;
}

#define assert_str(s, text) assert_true(str_is(s, text))

static void
a_request_is_taken_apart(void **state)
{
	struct result r = parse(STR("POST /a%20b?c=d?e HTTP/1.1\r\n"
				    "Host: Shop.example:8080\r\n"
				    "X-Thing: \t one \t\r\nx-thing:two\r\n"
				    "Content-Length: 3\r\n\r\nabcGET /"));

	(void)state;
	assert_int_equal(r.step, HTTP_READY);
	assert_int_equal(r.req.method, HTTP_POST);
	assert_str(r.req.method_text, "POST");
	assert_str(r.req.path, "/a%20b");
	assert_str(r.req.query, "c=d?e");
	assert_str(r.req.host, "Shop.example:8080");
	assert_str(r.req.body, "abc");
	assert_int_equal(r.req.header_count, 4);
	assert_str(http_header(&r.req, "X-THING"), "one");
	assert_int_equal(http_header_times(&r.req, "x-Thing"), 2);
	assert_int_equal(http_header_times(&r.req, "x-Thin"), 0);
	assert_null(http_header(&r.req, "absent").data);
	assert_true(r.req.keep_alive);
	assert_false(r.req.minor_zero);
}

static void
the_absolute_form_names_the_host(void **state)
{
	struct result r = parse(valid[4]);

	(void)state;
	assert_str(r.req.host, "B.example:80");
	assert_str(r.req.path, "/x");
	assert_str(r.req.query, "y");
	r = parse(valid[5]);
	assert_str(r.req.host, "[::1]:443");
	assert_str(r.req.path, "/");
	assert_str(r.req.query, "");
	r = parse(valid[6]);
	assert_str(r.req.path, "/");
	assert_str(r.req.query, "q");
}

static void
chunks_are_joined_and_the_input_stays_as_it_was(void **state)
{
	struct str sent = exact(valid[17]);
	struct result r = parse(sent);

	(void)state;
	assert_int_equal(r.step, HTTP_READY);
	assert_int_equal(r.used, valid[17].len);
	assert_str(r.req.body, "a0123456789");
	assert_true(str_eq(sent, valid[17]));
	assert_int_equal(http_header_times(&r.req, "x"), 0);
	exact_free(sent);
}

static void
connections_last_as_the_version_and_the_field_say(void **state)
{
	static const struct {
		bool lasts;
		const char *text;
	} rows[] = {
		{ true, "GET / HTTP/1.1\r\nHost: a\r\n\r\n" },
		{ false, "GET / HTTP/1.0\r\n\r\n" },
		{ true, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" },
		{ false, "GET / HTTP/1.1\r\nHost: a\r\nConnection: "
			 "x,close\r\n\r\n" },
		{ true,
		    "GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n" },
		{ false, "GET / HTTP/1.0\r\nConnection: close\r\nConnection: "
			 "keep-alive\r\n\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(
		    parse(str_of(rows[i].text)).req.keep_alive, rows[i].lasts);
}

static void
a_body_on_its_way_is_announced(void **state)
{
	(void)state;
	parse(STR("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
		  "Expect: 100-continue\r\n"));
	assert_false(http_parser_in_body(parser));
	assert_false(http_parser_wants_continue(parser));
	parse(STR("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
		  "Expect: 100-continue\r\n\r\n"));
	assert_true(http_parser_in_body(parser));
	assert_true(http_parser_wants_continue(parser));
	parse(STR("POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\n"
		  "Expect: 100-continue\r\n\r\n"));
	assert_true(http_parser_in_body(parser));
	assert_false(http_parser_wants_continue(parser));
}

static void
the_first_cookie_of_a_name_counts(void **state)
{
	struct result r = parse(STR("GET / HTTP/1.1\r\nHost: a\r\n"
				    "Cookie: aa=1; a = x=y ;b;;=z; a=3\r\n"
				    "cookie: late=\"q\"\r\n\r\n"));

	(void)state;
	assert_str(http_cookie(&r.req, "aa"), "1");
	assert_str(http_cookie(&r.req, "a"), "x=y");
	assert_str(http_cookie(&r.req, "late"), "\"q\"");
	assert_null(http_cookie(&r.req, "A").data);
	assert_null(http_cookie(&r.req, "b").data);
}

/* As slow and plain as the rule is written. */
static void
decode_plainly(struct buf *out, struct str s)
{
	char hex[3] = { 0 };

	for (size_t i = 0; i < s.len; i++) {
		bool escape = s.data[i] == '%' && i + 2 < s.len &&
			      isxdigit((unsigned char)s.data[i + 1]) &&
			      isxdigit((unsigned char)s.data[i + 2]);

		if (escape) {
			memcpy(hex, s.data + i + 1, 2);
			buf_add_char(out, (char)strtol(hex, NULL, 16));
			i += 2;
		} else {
			buf_add_char(out, s.data[i] == '+' ? ' ' : s.data[i]);
		}
	}
}

static void
escapes_are_found_wherever_they_stand(void **state)
{
	static const char *const marks[] = { "%41", "+", "%2", "%", "%c3%a4",
		"%zz", "%7E%20+", "\303\244" };
	char text[128] = "a=";
	struct arena *arena = arena_new(256);
	struct buf want = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(marks); i++) {
		for (size_t at = 0; at < 50; at++) {
			size_t len = strlen(marks[i]);
			struct str rest, copy, name, value;

			memset(text + 2, 'x', sizeof(text) - 2);
			memcpy(text + 2 + at, marks[i], len);
			/* Ending with the mark, and with text behind it. */
			for (size_t more = 0; more < 40; more += 13) {
				rest = copy =
				    exact(str_make(text, 2 + at + len + more));
				want.len = 0;
				decode_plainly(&want, str_from(copy, 2));
				assert_true(http_next_param(
				    &rest, arena, &name, &value));
				assert_true(str_eq(value, buf_str(&want)));
				exact_free(copy);
			}
		}
	}
	buf_free(&want);
	arena_free(arena);
}

static void
targets_hold_printable_ascii_but_no_hash(void **state)
{
	char text[64];

	(void)state;
	for (int c = 0; c < 256; c++) {
		bool good = c > ' ' && c < 0x7f && c != '#';

		for (size_t at = 0; at < 40; at++) {
			struct str target;

			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			target = exact(str_make(text, 40));
			assert_int_equal(
			    http_skip_target(target.data, 40), good ? 40 : at);
			exact_free(target);
		}
	}
}

static void
parameters_are_decoded_by_one_rule(void **state)
{
	static const struct {
		struct str text;
		const char *name, *value;
	} rows[] = {
		{ T("a=b"), "a", "b" },
		{ T("&&a=b&"), "a", "b" },
		{ T("a"), "a", "" },
		{ T("=b"), "", "b" },
		{ T("a=b=c"), "a", "b=c" },
		{ T("a+b=+%2B%20"), "a b", " + " },
		{ T("a=%"), "a", "%" },
		{ T("a=%4"), "a", "%4" },
		{ T("a=%zz%4g%g4"), "a", "%zz%4g%g4" },
		{ T("a=%2541"), "a", "%41" },
		{ T("%61=%41%7a"), "a", "Az" },
		{ T("a=x%00y"), "a", "x\xef\xbf\xbdy" },
		{ T("a=x\0y"), "a", "x\xef\xbf\xbdy" },
		{ T("a=%c3%a4\303\244"), "a", "\303\244\303\244" },
		{ T("a=%c3x"), "a", "\xef\xbf\xbdx" },
		{ T("a=%c0%80"), "a", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ T("a=%ed%a0%80"), "a",
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ T("a=%f0%9f%98%80%f4%90%80%80"), "a",
		    "\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		    "\xef\xbf\xbd" },
		{ T("a=%e2%82%ac%e2%82"), "a",
		    "\xe2\x82\xac\xef\xbf\xbd\xef\xbf\xbd" },
		{ T("a=%0d%0a%1b"), "a", "\r\n\x1b" },
		{ T("a;b=c;d"), "a;b", "c;d" },
	};
	struct arena *arena = arena_new(256);
	struct str rest, name, value;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		rest = rows[i].text;
		assert_true(http_next_param(&rest, arena, &name, &value));
		if (!str_is(name, rows[i].name) ||
		    !str_is(value, rows[i].value))
			fail_msg("row %zu: %.*s = %.*s", i, STR_ARG(name),
			    STR_ARG(value));
		assert_false(http_next_param(&rest, arena, &name, &value));
	}
	rest = STR("");
	assert_false(http_next_param(&rest, arena, &name, &value));
	rest = STR_EMPTY;
	assert_false(http_next_param(&rest, arena, &name, &value));
	rest = STR("a=1&b=2");
	assert_true(http_next_param(&rest, arena, &name, &value));
	assert_true(http_next_param(&rest, arena, &name, &value));
	assert_str(name, "b");
	assert_str(value, "2");
	arena_free(arena);
}

static void
statuses_have_their_phrases(void **state)
{
	(void)state;
	assert_string_equal(http_phrase(204), "No Content");
	assert_string_equal(
	    http_phrase(431), "Request Header Fields Too Large");
	assert_string_equal(http_phrase(299), "Unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    malformed_requests_are_refused_with_the_status_they_deserve),
		cmocka_unit_test(
		    what_is_too_long_is_refused_before_it_is_whole),
		cmocka_unit_test(
		    valid_requests_cut_at_every_byte_give_the_same),
		cmocka_unit_test(a_request_is_taken_apart),
		cmocka_unit_test(the_absolute_form_names_the_host),
		cmocka_unit_test(
		    chunks_are_joined_and_the_input_stays_as_it_was),
		cmocka_unit_test(
		    connections_last_as_the_version_and_the_field_say),
		cmocka_unit_test(a_body_on_its_way_is_announced),
		cmocka_unit_test(the_first_cookie_of_a_name_counts),
		cmocka_unit_test(parameters_are_decoded_by_one_rule),
		cmocka_unit_test(escapes_are_found_wherever_they_stand),
		cmocka_unit_test(targets_hold_printable_ascii_but_no_hash),
		cmocka_unit_test(statuses_have_their_phrases),
	};
	int failed;

	parser = http_parser_new(&limits);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	http_parser_free(parser);
	return failed;
}
