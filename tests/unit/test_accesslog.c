/*
 * test_accesslog.c - lines of access logs, ordinary and hostile.
 */
#include "aggregator/cli/accesslog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define WHEN "[17/May/2015:10:05:03 +0000]"
#define HEAD "83.149.9.216 - - " WHEN " "
#define TAIL " 200 203 \"-\" \"-\""
#define WHEN_MS INT64_C(1431857103000)

static struct arena *arena;
static struct accesslog_line got;
static struct error problem;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(4096);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static bool
reads(const char *line)
{
	arena_reset(arena);
	return accesslog_parse(str_of(line), arena, &got, &problem);
}

static void
check_text(struct str actual, const char *wanted)
{
	assert_int_equal(actual.len, strlen(wanted));
	assert_memory_equal(actual.data ? actual.data : "", wanted, actual.len);
}

/* The time WHEN in an otherwise good line; -1 if refused. */
static int64_t
time_of(const char *when)
{
	char line[256];

	snprintf(
	    line, sizeof(line), "::1 - - [%s] \"GET / HTTP/1.1\"" TAIL, when);
	return reads(line) ? got.time_ms : -1;
}

/* The target of the request TEXT; "!" if the line is refused. */
static const char *
target_of(const char *text)
{
	static char out[4096];

	snprintf(out, sizeof(out), HEAD "\"%s\"" TAIL, text);
	if (!reads(out))
		return "!";
	snprintf(out, sizeof(out), "%.*s", STR_ARG(got.target));
	return out;
}

static void
an_ordinary_line_gives_all_fields(void **state)
{
	(void)state;
	assert_true(reads(HEAD "\"GET /a?b=c HTTP/1.1\" 200 203023 "
			       "\"http://x.test/\" \"Mozilla/5.0 (X11)\""));
	check_text(got.ip, "83.149.9.216");
	assert_int_equal(got.time_ms, WHEN_MS);
	check_text(got.method, "GET");
	check_text(got.target, "/a?b=c");
	assert_int_equal(got.status, 200);
	check_text(got.referrer, "http://x.test/");
	check_text(got.user_agent, "Mozilla/5.0 (X11)");
}

static void
a_dash_is_an_empty_field(void **state)
{
	(void)state;
	assert_true(reads(HEAD "\"-\" 408 - \"-\" \"-\""));
	check_text(got.method, "");
	check_text(got.target, "");
	check_text(got.referrer, "");
	check_text(got.user_agent, "");
}

static void
addresses_of_both_families_are_read(void **state)
{
	(void)state;
	assert_true(reads("2001:db8::1 - - " WHEN " \"GET / HTTP/1.1\"" TAIL));
	check_text(got.ip, "2001:db8::1");
	assert_true(
	    reads("::ffff:10.0.0.1 - - " WHEN " \"GET / HTTP/1.1\"" TAIL));
}

static void
what_is_no_address_is_refused(void **state)
{
	(void)state;
	assert_false(reads("host.test - - " WHEN " \"GET / HTTP/1.1\"" TAIL));
	assert_false(reads("1.2.3.256 - - " WHEN " \"GET / HTTP/1.1\"" TAIL));
	assert_false(reads("[::1] - - " WHEN " \"GET / HTTP/1.1\"" TAIL));
	assert_false(reads(" - - " WHEN " \"GET / HTTP/1.1\"" TAIL));
	assert_false(reads("11111111111111111111111111111111111111111111111111 "
			   "- - " WHEN " \"GET / HTTP/1.1\"" TAIL));
	assert_non_null(strstr(problem.text, "address"));
}

static void
a_user_name_may_hold_spaces(void **state)
{
	(void)state;
	assert_true(reads("::1 - jane doe " WHEN " \"GET / HTTP/1.1\"" TAIL));
	assert_int_equal(got.time_ms, WHEN_MS);
}

static void
the_zone_offset_is_taken_off(void **state)
{
	(void)state;
	assert_int_equal(time_of("17/May/2015:10:05:03 +0000"), WHEN_MS);
	assert_int_equal(time_of("17/May/2015:12:05:03 +0200"), WHEN_MS);
	assert_int_equal(time_of("17/May/2015:00:35:03 -0930"), WHEN_MS);
	assert_int_equal(time_of("18/May/2015:00:05:03 +1400"), WHEN_MS);
}

static void
a_leap_day_and_a_leap_second_are_times(void **state)
{
	(void)state;
	assert_int_equal(
	    time_of("29/Feb/2024:00:00:00 +0000"), INT64_C(1709164800000));
	assert_int_equal(
	    time_of("31/Dec/2016:23:59:60 +0000"), INT64_C(1483228799000));
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const wrong[] = { "", "17/May/2015:10:05:03",
		"29/Feb/2023:00:00:00 +0000", "00/May/2015:10:05:03 +0000",
		"17/Mai/2015:10:05:03 +0000", "17/May/2015:24:05:03 +0000",
		"17/May/2015:10:60:03 +0000", "17/May/2015:10:05:61 +0000",
		"17/May/2015:10:05:03 0000 ", "17/May/2015:10:05:03 +1500",
		"17/May/2015:10:05:03 +0060", "17/May/1969:10:05:03 +0000",
		"17-May-2015:10:05:03 +0000", "1x/May/2015:10:05:03 +0000",
		"17/May/2015 10:05:03 +0000", "01/Jan/1970:00:00:00 +0100" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (time_of(wrong[i]) != -1)
			fail_msg("%s was taken", wrong[i]);
	}
}

static void
escapes_are_undone(void **state)
{
	(void)state;
	assert_true(reads(HEAD "\"GET / HTTP/1.1\" 200 1 "
			       "\"http://x.test/?q=\\\"a\\\"\" "
			       "\"a\\\\b \\x41\\xc3\\xa9\\t\\q\""));
	check_text(got.referrer, "http://x.test/?q=\"a\"");
	check_text(got.user_agent, "a\\b A\xc3\xa9 \\q");
}

static void
a_quote_in_escapes_does_not_end_its_field(void **state)
{
	(void)state;
	assert_true(
	    reads(HEAD "\"GET / HTTP/1.1\" 200 1 \"-\" \"x\\\" 500 9 \\\"y\""));
	assert_int_equal(got.status, 200);
	check_text(got.user_agent, "x\" 500 9 \"y");
	assert_true(reads(HEAD "\"GET / HTTP/1.1\" 200 1 \"-\" \"x\\\\\""));
	check_text(got.user_agent, "x\\");
}

static void
escaped_controls_become_spaces(void **state)
{
	(void)state;
	assert_true(reads(HEAD
	    "\"GET / HTTP/1.1\" 200 1 \"-\" \"a\\x0ab\\x00c\\x1b[31m\\nd\""));
	check_text(got.user_agent, "a b c [31m d");
}

static void
bytes_that_are_not_utf8_are_replaced(void **state)
{
	(void)state;
	assert_true(
	    reads(HEAD "\"GET / HTTP/1.1\" 200 1 \"-\" \"a\\xffb\xe2\x82\" x"));
	check_text(got.user_agent, "a\xef\xbf\xbd"
				   "b\xef\xbf\xbd\xef\xbf\xbd");
}

static void
a_half_escape_stays_as_it_is(void **state)
{
	(void)state;
	assert_true(
	    reads(HEAD "\"GET / HTTP/1.1\" 200 1 \"-\" \"\\x4 \\xg0 \\x\""));
	check_text(got.user_agent, "\\x4 \\xg0 \\x");
}

static void
a_text_is_cut_between_characters(void **state)
{
	struct buf line = { 0 };

	(void)state;
	buf_add_str(&line, STR(HEAD "\"GET / HTTP/1.1\" 200 1 \"-\" \""));
	for (int i = 0; i < 511; i++)
		buf_add_char(&line, 'a');
	buf_add_str(&line, STR("\xc3\xa9\""));
	assert_true(reads(buf_text(&line)));
	assert_int_equal(got.user_agent.len, 511);
	buf_free(&line);
}

static void
absolute_and_asterisk_targets_are_requests(void **state)
{
	(void)state;
	assert_string_equal(
	    target_of("GET http://x.test/a HTTP/1.1"), "http://x.test/a");
	assert_string_equal(
	    target_of("GET HTTPS://x.test/a HTTP/1.1"), "HTTPS://x.test/a");
	assert_string_equal(target_of("OPTIONS * HTTP/1.0"), "*");
	assert_string_equal(
	    target_of("CONNECT x.test:443 HTTP/1.1"), "x.test:443");
	assert_string_equal(target_of("GET / HTTP/2"), "/");
}

static void
what_is_no_request_is_refused(void **state)
{
	static const char *const wrong[] = { "", "GET", "GET /",
		"GET  / HTTP/1.1", "GET / a HTTP/1.1", "get / HTTP/1.1",
		"GET x HTTP/1.1", "GET / HTTPS/1.1", "GET / HTTP/",
		"GET / HTTP/1.1 x", "\\x16\\x03\\x01\\x02", "\\x04\\x01\\x00P",
		"GET /\\x20a HTTP/1.1", "GET /a\\nb HTTP/1.1",
		"GET javascript:x HTTP/1.1",
		"THISMETHODISMUCHLONGERTHANANYMETHOD / HTTP/1.1",
		"G\\x00T / HTTP/1.1", "* * HTTP/1.1" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (strcmp(target_of(wrong[i]), "!") != 0)
			fail_msg("%s was taken", wrong[i]);
		assert_non_null(strstr(problem.text, "request"));
	}
}

static void
lines_that_end_early_are_refused(void **state)
{
	static const char whole[] =
	    HEAD "\"GET /a HTTP/1.1\" 200 12 \"http://x.test/\" \"agent\"";
	char part[sizeof(whole)];

	(void)state;
	assert_true(reads(whole));
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		memcpy(part, whole, len);
		part[len] = '\0';
		if (reads(part))
			fail_msg("the first %zu bytes were taken", len);
		assert_int_equal(problem.kind, ERROR_REJECT);
	}
}

static void
the_status_is_three_digits(void **state)
{
	static const char *const wrong[] = { "-", "99", "600", "2000", "+20",
		"20x", "" };
	char line[256];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(line, sizeof(line),
		    HEAD "\"GET / HTTP/1.1\" %s 1 \"-\" \"-\"", wrong[i]);
		assert_false(reads(line));
		assert_non_null(strstr(problem.text, "status"));
	}
}

static void
the_size_is_a_number_or_a_dash(void **state)
{
	(void)state;
	assert_true(reads(HEAD "\"GET / HTTP/1.1\" 304 - \"-\" \"-\""));
	assert_false(reads(HEAD "\"GET / HTTP/1.1\" 304 x \"-\" \"-\""));
	assert_false(reads(HEAD "\"GET / HTTP/1.1\" 304 -1 \"-\" \"-\""));
	assert_false(reads(
	    HEAD "\"GET / HTTP/1.1\" 304 99999999999999999999 \"-\" \"-\""));
}

static void
the_common_format_is_named_as_lacking(void **state)
{
	(void)state;
	assert_false(reads(HEAD "\"GET / HTTP/1.1\" 200 12"));
	assert_non_null(strstr(problem.text, "combined"));
}

static void
further_fields_are_ignored(void **state)
{
	(void)state;
	assert_true(reads(HEAD "\"GET / HTTP/1.1\"" TAIL " \"1.2.3.4\" 0.003"));
	assert_false(reads(HEAD "\"GET / HTTP/1.1\"" TAIL "x"));
}

static void
raw_control_characters_are_refused(void **state)
{
	struct str line = STR(HEAD "\"GET / HTTP/1.1\" 200 1 \"-\" \"a\0b\"");

	(void)state;
	assert_false(accesslog_parse(line, arena, &got, &problem));
	assert_false(reads(HEAD "\"GET / HTTP/1.1\" 200 1 \"-\" \"a\x1b[2J\""));
	assert_false(reads(HEAD "\"GET / HTTP/1.1\" 200 1 \"-\" \"a\rb\""));
}

static void
two_lines_written_into_each_other_are_refused(void **state)
{
	(void)state;
	assert_false(reads(HEAD "\"GET /a HT" HEAD "\"GET /b HTTP/1.1\"" TAIL));
	assert_false(reads(HEAD HEAD "\"GET /b HTTP/1.1\"" TAIL));
}

static void
a_line_over_the_limit_is_refused(void **state)
{
	struct buf line = { 0 };

	(void)state;
	buf_add_str(&line, STR(HEAD "\"GET /"));
	while (line.len <= ACCESSLOG_LINE_MAX)
		buf_add_char(&line, 'a');
	buf_add_str(&line, STR(" HTTP/1.1\"" TAIL));
	assert_false(reads(buf_text(&line)));
	assert_non_null(strstr(problem.text, "long"));
	buf_free(&line);
}

static void
other_formats_are_refused(void **state)
{
	static const char *const wrong[] = { "", " ", "-", "\"", "[", "\\",
		"{\"ip\":\"::1\"}", "#Fields: date time cs-method",
		"Nov 23 19:15:17 host sshd[1]: Connection closed by ::1",
		"::1 - -" WHEN " \"GET / HTTP/1.1\"" TAIL,
		"::1 - - " WHEN "\"GET / HTTP/1.1\"" TAIL,
		"::1 - - [x] \"GET / HTTP/1.1\"" TAIL,
		"::1 - - " WHEN " GET / HTTP/1.1" TAIL,
		"::1 - - " WHEN " 'GET / HTTP/1.1'" TAIL };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (reads(wrong[i]))
			fail_msg("%s was taken", wrong[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_line_gives_all_fields),
		cmocka_unit_test(a_dash_is_an_empty_field),
		cmocka_unit_test(addresses_of_both_families_are_read),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(a_user_name_may_hold_spaces),
		cmocka_unit_test(the_zone_offset_is_taken_off),
		cmocka_unit_test(a_leap_day_and_a_leap_second_are_times),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(a_quote_in_escapes_does_not_end_its_field),
		cmocka_unit_test(escaped_controls_become_spaces),
		cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
		cmocka_unit_test(a_half_escape_stays_as_it_is),
		cmocka_unit_test(a_text_is_cut_between_characters),
		cmocka_unit_test(absolute_and_asterisk_targets_are_requests),
		cmocka_unit_test(what_is_no_request_is_refused),
		cmocka_unit_test(lines_that_end_early_are_refused),
		cmocka_unit_test(the_status_is_three_digits),
		cmocka_unit_test(the_size_is_a_number_or_a_dash),
		cmocka_unit_test(the_common_format_is_named_as_lacking),
		cmocka_unit_test(further_fields_are_ignored),
		cmocka_unit_test(raw_control_characters_are_refused),
		cmocka_unit_test(two_lines_written_into_each_other_are_refused),
		cmocka_unit_test(a_line_over_the_limit_is_refused),
		cmocka_unit_test(other_formats_are_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
