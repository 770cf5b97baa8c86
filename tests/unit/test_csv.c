/* test_csv.c - comma-separated values, read and written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <cmocka.h>

#include "aggregator/platforms/csv.h"

/* Text handed out in pieces of STEP bytes, then perhaps a failure. */
struct source {
	struct str rest;
	size_t step;
	int error;
};

static ssize_t
hand_out(void *ctx, char *out, size_t room)
{
	struct source *s = ctx;
	size_t n = s->rest.len < s->step ? s->rest.len : s->step;

	if (n > room)
		n = room;
	if (n == 0 && s->error != 0) {
		errno = s->error;
		return -1;
	}
	if (n > 0)
		memcpy(out, s->rest.data, n);
	s->rest = str_from(s->rest, n);
	return (ssize_t)n;
}

/*
 * Reads TEXT in pieces of STEP bytes and writes what was found, a line a
 * row: "LINE:field|field" or "LINE!why".
 */
static void
expect_rows(struct str text, size_t step, bool sniff, const char *want)
{
	struct source source = { text, step, 0 };
	struct csv *c = csv_new(hand_out, &source);
	struct buf got = { 0 };
	struct csv_row row;
	struct error err;
	enum csv_result result;

	if (sniff)
		csv_sniff(c);
	while ((result = csv_next(c, &row, &err)) != CSV_END) {
		buf_printf(&got, "%lld%s", (long long)row.line,
		    result == CSV_ROW ? ":" : "!");
		if (result == CSV_BAD)
			buf_add_str(&got, str_of(err.text));
		for (size_t i = 0; i < row.count; i++) {
			buf_add_str(&got, i > 0 ? STR("|") : STR(""));
			buf_add_str(&got, row.field[i]);
		}
		buf_add_char(&got, '\n');
	}
	assert_string_equal(buf_text(&got), want);
	buf_free(&got);
	csv_free(c);
}

static void
expect(struct str text, size_t step, const char *want)
{
	expect_rows(text, step, false, want);
}

static void
rows_and_fields_come_apart(void **state)
{
	(void)state;
	expect(STR("a,b,c\n1,,3\n"), 100, "1:a|b|c\n2:1||3\n");
	expect(STR("a,b\r\n1,2\r\n"), 100, "1:a|b\n2:1|2\n");
	expect(STR("a\nlast line without end"), 100,
	    "1:a\n2:last line without end\n");
	expect(STR("a,\n,b\n"), 100, "1:a|\n2:|b\n");
}

static void
quotes_keep_commas_quotes_and_newlines(void **state)
{
	(void)state;
	expect(STR("\"a,\"\"b\"\"\",c\n\"x\r\ny\",z\nlast,1\n"), 100,
	    "1:a,\"b\"|c\n2:x\r\ny|z\n4:last|1\n");
	expect(STR("\"\",\"\"\n"), 100, "1:|\n");
}

static void
the_size_of_the_pieces_does_not_matter(void **state)
{
	(void)state;
	expect(STR("\"a,\"\"b\"\"\",c\r\n\"x\r\ny\",z\r\n"), 1,
	    "1:a,\"b\"|c\n2:x\r\ny|z\n");
}

static void
empty_lines_and_the_byte_order_mark_are_skipped(void **state)
{
	(void)state;
	expect(
	    STR("\xef\xbb\xbf\n\na,b\n\r\n\nc,d\n\n"), 100, "3:a|b\n6:c|d\n");
	expect(STR(""), 100, "");
	expect(STR("\xef\xbb\xbf"), 100, "");
}

static void
utf16_is_read_with_and_without_a_mark(void **state)
{
	static const char little[] = "\xff\xfe"
				     "a\0\t\0\xfc\0\n\0"
				     "\x3d\xd8\x00\xde\t\0\xac\x20";
	static const char bare[] = "a\0,\0b\0\n\0";
	static const char big[] = "\xfe\xff\0a\0;\0b\0\n";
	static const char torn[] = "\xff\xfe"
				   "a\0\n\0\x3d\xd8\n\0b\0";

	(void)state;
	for (size_t step = 1; step < 9; step++) {
		expect_rows(str_make(little, sizeof(little) - 1), step, true,
		    "1:a|\xc3\xbc\n2:\xf0\x9f\x98\x80|\xe2\x82\xac\n");
		expect_rows(
		    str_make(bare, sizeof(bare) - 1), step, true, "1:a|b\n");
		expect_rows(
		    str_make(big, sizeof(big) - 1), step, true, "1:a|b\n");
		expect_rows(str_make(torn, sizeof(torn) - 1), step, true,
		    "1:a\n2!not UTF-8\n3:b\n");
	}
	expect(STR("\xff\xfe"), 1, "");
}

static void
what_separates_is_found_out(void **state)
{
	(void)state;
	expect_rows(STR("Costs, of March\nday;cost\n1;2,50\n2;3,10\n"), 7, true,
	    "1:Costs, of March\n2:day|cost\n"
	    "3:1|2,50\n4:2|3,10\n");
	expect_rows(STR("\"1, 2, 3\"\nday\tcost\tname\n1\t2,5\ta;b;c\n"), 7,
	    true, "1:1, 2, 3\n2:day|cost|name\n3:1|2,5|a;b;c\n");
	expect_rows(STR("day,name\n1,a;b;c;d\n2,x\n3,y\n4,z\n"), 7, true,
	    "1:day|name\n2:1|a;b;c;d\n3:2|x\n4:3|y\n5:4|z\n");
	expect_rows(STR("day\n1\n"), 7, true, "1:day\n2:1\n");
}

static void
a_malformed_row_is_told_and_the_next_is_read(void **state)
{
	(void)state;
	expect(STR("a\"b,c\nd\n"), 100,
	    "1!a quote inside a field that does not begin with one\n2:d\n");
	expect(
	    STR("\"a\"b,c\nd\n"), 100, "1!text behind a closing quote\n2:d\n");
	expect(
	    STR("a\rb\nd\n"), 100, "1!a carriage return inside a field\n2:d\n");
	expect(str_make("a\0b\nd\n", 6), 100, "1!a NUL byte\n2:d\n");
	expect(STR("a\xff\nd\n"), 100, "1!not UTF-8\n2:d\n");
	expect(STR("a\xc3,\xbc\nd\n"), 100, "1!not UTF-8\n2:d\n");
	expect(
	    STR("a\n\"b\nc\n"), 100, "1:a\n2!a quote that is never closed\n");
}

static void
a_row_beyond_the_limits_is_refused(void **state)
{
	static char big[CSV_ROW_MAX + 16], many[2 * CSV_FIELDS_MAX];

	(void)state;
	memset(big, 'x', sizeof(big));
	memcpy(big + CSV_ROW_MAX + 8, "\nab\n", 4);
	expect(str_make(big, CSV_ROW_MAX + 12), 70000,
	    "1!longer than 1 MiB\n2:ab\n");
	memset(many, ',', sizeof(many));
	memcpy(many + CSV_FIELDS_MAX + 2, "\nab\n", 4);
	expect(str_make(many, CSV_FIELDS_MAX + 6), 100,
	    "1!more than 256 fields\n2:ab\n");
}

static void
a_source_that_fails_is_no_end(void **state)
{
	struct source source = { STR("a,b\nc"), 100, EIO };
	struct csv *c = csv_new(hand_out, &source);
	struct csv_row row;
	struct error err;

	(void)state;
	assert_int_equal(csv_next(c, &row, &err), CSV_ROW);
	assert_int_equal(csv_next(c, &row, &err), CSV_FAILED);
	csv_free(c);
	csv_free(NULL);
}

static void
expect_text(struct str value, const char *want)
{
	struct buf out = { 0 };

	csv_text(&out, value);
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
}

static void
written_fields_are_quoted_where_needed(void **state)
{
	(void)state;
	expect_text(STR("plain text"), "plain text");
	expect_text(STR("a,b"), "\"a,b\"");
	expect_text(STR("a\"b"), "\"a\"\"b\"");
	expect_text(STR("a\nb"), "\"a\nb\"");
	/* Where a list is separated by these, what follows starts a cell. */
	expect_text(STR("a;=1+1"), "\"a;=1+1\"");
	expect_text(STR("a\t=1+1"), "\"a\t=1+1\"");
	expect_text(STR_EMPTY, "");
}

static void
a_written_formula_is_disarmed(void **state)
{
	(void)state;
	expect_text(STR("=1+1"), "\"'=1+1\"");
	expect_text(STR("@x"), "\"'@x\"");
	expect_text(STR("-x"), "\"'-x\"");
	expect_text(STR("+x"), "\"'+x\"");
	expect_text(STR("\tx"), "\"'\tx\"");
	expect_text(STR("\rx"), "\"'\rx\"");
	expect_text(STR("\n=x"), "\"'\n=x\"");
	expect_text(STR("\xef\xbc\x9dx"), "\"'\xef\xbc\x9dx\"");
	expect_text(STR("a=b"), "a=b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_and_fields_come_apart),
		cmocka_unit_test(quotes_keep_commas_quotes_and_newlines),
		cmocka_unit_test(the_size_of_the_pieces_does_not_matter),
		cmocka_unit_test(
		    empty_lines_and_the_byte_order_mark_are_skipped),
		cmocka_unit_test(utf16_is_read_with_and_without_a_mark),
		cmocka_unit_test(what_separates_is_found_out),
		cmocka_unit_test(a_malformed_row_is_told_and_the_next_is_read),
		cmocka_unit_test(a_row_beyond_the_limits_is_refused),
		cmocka_unit_test(a_source_that_fails_is_no_end),
		cmocka_unit_test(written_fields_are_quoted_where_needed),
		cmocka_unit_test(a_written_formula_is_disarmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
