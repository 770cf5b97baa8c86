/*
 * test_html.c - what verify-site reads of pages and of robots.txt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "aggregator/cli/html.h"
#include "aggregator/cli/robots.h"

static struct arena *arena;

/* The values of the attribute src of all tags, each followed by a blank. */
static const char *
sources(const char *page)
{
	static char out[256];
	struct str rest = str_of(page);
	struct html_tag tag;

	out[0] = '\0';
	while (html_next(&rest, &tag)) {
		const char *src = html_attribute(&tag, "src", arena);

		strcat(strcat(out, src == NULL ? "-" : src), " ");
	}
	return out;
}

static void
tags_are_read_as_browsers_read_them(void **state)
{
	(void)state;
	arena = arena_new(4096);
	assert_string_equal(sources("<p><IMG SRC = 'a b'><img src=c/d>"
				    "<img src=\"e>f\" /><img data-src=x src>"),
	    "- a b c/d e>f  ");
	assert_string_equal(sources("<!-- <img src=1> --><img src=2>"
				    "<!-- <img src=3>"),
	    "2 ");
	assert_string_equal(sources("<script src=1>'<img src=2>'</SCRIPT>"
				    "<img src=3><style><img src=4>"),
	    "1 3 - ");
	assert_string_equal(sources("<img alt=' =\"' src=x?a=1&amp;b=2>"
				    "a < b <3 </img src=y> <img src='open"),
	    "x?a=1&b=2 open ");
	assert_string_equal(
	    sources("<img src=&#38;&quot;&#39;&bogus;>"), "&\"'&bogus; ");
	assert_string_equal(sources(""), "");
	assert_string_equal(sources("<"), "");
	assert_string_equal(sources("<!--"), "");
	arena_free(arena);
}

static bool
may(const char *text, const char *path)
{
	return robots_allow(str_of(text), STR("ours"), str_of(path));
}

static void
robots_have_their_longest_rule(void **state)
{
	static const char *const rules =
	    "user-agent: *\r\ndisallow: /a\r\nallow: /a/b # c\r\n"
	    "disallow: /*.pdf$\r\ndisallow:\r\n";

	(void)state;
	assert_true(may("", "/"));
	assert_true(may(rules, "/"));
	assert_false(may(rules, "/a"));
	assert_false(may(rules, "/a?x"));
	assert_true(may(rules, "/a/bc"));
	assert_false(may(rules, "/x/y.pdf"));
	assert_true(may(rules, "/x/y.pdf?z"));
	assert_false(may(rules, "/x.pdf.pdf"));
	/* Our own group takes the place of the one for all. */
	assert_true(may("User-agent: *\nDisallow: /\n"
			"User-agent: else\nUser-Agent: OURS\nDisallow: /x",
	    "/y"));
	assert_false(may("User-agent: ours\nUser-agent: else\nDisallow: /x\n"
			 "User-agent: *\nAllow: /x",
	    "/x"));
	assert_true(may("User-agent: else\nDisallow: /\n", "/"));
	assert_true(may("User-agent: *\nAllow: /p\nDisallow: /p", "/p"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_read_as_browsers_read_them),
		cmocka_unit_test(robots_have_their_longest_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
