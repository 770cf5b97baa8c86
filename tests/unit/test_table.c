/* test_table.c - aligned columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "aggregator/cli/table.h"

static void
expect(struct table *t, bool colour, const char *want)
{
	struct buf out = { 0 };

	table_show(t, colour, &out);
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
	table_free(t);
}

static struct table *
two_columns(void)
{
	struct table *t = table_new();

	table_column(t, "name", false);
	table_column(t, "n", true);
	return t;
}

static void
text_stands_left_and_numbers_right(void **state)
{
	struct table *t = two_columns();

	(void)state;
	table_cell(t, STR("spring"));
	table_cell(t, STR("1000"));
	table_cell(t, STR("x"));
	table_cell(t, STR("2"));
	expect(t, false,
	    "name       n\n"
	    "------  ----\n"
	    "spring  1000\n"
	    "x          2\n");
}

static void
a_line_stands_above_the_sum(void **state)
{
	struct table *t = two_columns();

	(void)state;
	table_cell(t, STR("a"));
	table_cell(t, STR("1"));
	table_line(t);
	table_cell(t, STR("total"));
	table_cell(t, STR("1"));
	expect(t, false,
	    "name   n\n"
	    "-----  -\n"
	    "a      1\n"
	    "-----  -\n"
	    "total  1\n");
}

static void
an_empty_table_has_a_head(void **state)
{
	(void)state;
	expect(two_columns(), false, "name  n\n----  -\n");
	table_free(NULL);
}

static void
many_rows_fit(void **state)
{
	struct table *t = two_columns();
	struct buf out = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		if (i % 64 == 0)
			table_line(t);
		table_cell(t, STR("a"));
		table_cell(t, STR("1"));
	}
	table_show(t, false, &out);
	assert_int_equal(out.len, (2 + 1000 + 16) * 8);
	buf_free(&out);
	table_free(t);
}

static void
tones_show_where_there_are_colours(void **state)
{
	struct table *t;

	(void)state;
	for (int colour = 0; colour < 2; colour++) {
		t = two_columns();
		table_least(t, 3);
		table_cell(t, STR("x"));
		table_tone(t, TABLE_BAD);
		table_cell(t, STR("1"));
		expect(t, colour,
		    colour ? "\033[1mname    n\n\033[0m----  ---\n"
			     "\033[31mx\033[0m       1\n"
			   : "name    n\n----  ---\nx       1\n");
	}
}

static void
columns_align_by_what_a_terminal_shows(void **state)
{
	struct table *t = two_columns();

	(void)state;
	table_cell(t, STR("gr\xc3\xbc\xc3\x9f"
			  "e"));
	table_cell(t, STR("1"));
	table_cell(t, STR("\xe5\xa4\x8f"));
	table_cell(t, STR("2"));
	expect(t, false,
	    "name   n\n"
	    "-----  -\n"
	    "gr\xc3\xbc\xc3\x9f"
	    "e  1\n"
	    "\xe5\xa4\x8f     2\n");
	assert_int_equal(table_width(STR("a\xcc\x81")), 1);
	assert_int_equal(table_width(STR("\xf0\x9f\x98\x80")), 2);
}

static void
nothing_a_stranger_wrote_moves_the_cursor(void **state)
{
	struct table *t = two_columns();

	(void)state;
	table_cell(t, STR("a\033[31m\n\xe2\x80\xae\xff"));
	table_cell(t, STR("1"));
	expect(t, false,
	    "name       n\n"
	    "---------  -\n"
	    "a?[31m???  1\n");
}

static void
the_head_is_bold_in_colour(void **state)
{
	(void)state;
	expect(two_columns(), true, "\033[1mname  n\n\033[0m----  -\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stands_left_and_numbers_right),
		cmocka_unit_test(a_line_stands_above_the_sum),
		cmocka_unit_test(an_empty_table_has_a_head),
		cmocka_unit_test(many_rows_fit),
		cmocka_unit_test(tones_show_where_there_are_colours),
		cmocka_unit_test(columns_align_by_what_a_terminal_shows),
		cmocka_unit_test(nothing_a_stranger_wrote_moves_the_cursor),
		cmocka_unit_test(the_head_is_bold_in_colour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
