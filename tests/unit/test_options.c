/* test_options.c - a command's options, by their table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "aggregator/cli/options.h"
#include "common/calendar.h"
#include "common/process.h"

static const char *const colours[] = { "red", "green", NULL };

struct target {
	bool dry;
	const char *site;
	int32_t from;
	int64_t timeout;
	int colour;
};

static const struct options_row rows[] = { { "dry-run", OPTIONS_FLAG,
					       offsetof(struct target, dry),
					       .help = "change nothing" },
	{ "site", OPTIONS_TEXT, offsetof(struct target, site), .value = "SITE",
	    .help = "the site", .required = true },
	{ "from", OPTIONS_DAY, offsetof(struct target, from), .value = "DAY",
	    .help = "first day" },
	{ "timeout", OPTIONS_DURATION, offsetof(struct target, timeout),
	    .value = "TIME", .help = "how long" },
	{ "colour", OPTIONS_CHOICE, offsetof(struct target, colour),
	    .value = "COLOUR", .help = "which", .choices = colours },
	{ NULL } };

static const struct options_command command = { "test --site SITE FILE...",
	"For tests.", rows, 0, 2 };

static struct target target;
static struct operands operands;
static int code;

/* Reads LINE, cut at blanks. */
static bool
read_line(const char *line)
{
	static char text[256];
	static char *argv[32];
	int argc = 0;
	char *save = NULL;

	target = (struct target){ .timeout = 7 };
	snprintf(text, sizeof(text), "test %s", line);
	for (char *p = strtok_r(text, " ", &save); p != NULL;
	     p = strtok_r(NULL, " ", &save))
		argv[argc++] = p;
	argv[argc] = NULL;
	return options_read(&command, argc, argv, &target, &operands, &code);
}

static void
every_kind_of_value_is_read(void **state)
{
	(void)state;
	assert_true(read_line("--dry-run --site shop --from 2026-03-01 "
			      "--timeout 90s --colour green"));
	assert_true(target.dry);
	assert_string_equal(target.site, "shop");
	assert_int_equal(target.from, calendar_day(2026, 3, 1));
	assert_int_equal(target.timeout, 90000);
	assert_int_equal(target.colour, 1);
	assert_int_equal(operands.count, 0);
}

static void
what_is_not_given_keeps_its_default(void **state)
{
	(void)state;
	assert_true(read_line("--site=shop"));
	assert_string_equal(target.site, "shop");
	assert_int_equal(target.timeout, 7);
	assert_false(target.dry);
}

static void
files_stand_anywhere_and_a_dash_is_one(void **state)
{
	(void)state;
	assert_true(read_line("a.csv --site shop -"));
	assert_int_equal(operands.count, 2);
	assert_string_equal(operands.at[0], "a.csv");
	assert_string_equal(operands.at[1], "-");
}

static void
behind_two_dashes_all_are_files(void **state)
{
	(void)state;
	assert_true(read_line("--site shop -- --dry-run"));
	assert_int_equal(operands.count, 1);
	assert_string_equal(operands.at[0], "--dry-run");
	assert_false(target.dry);
}

static void
a_wrong_line_is_a_usage_error(void **state)
{
	static const char *const wrong[] = { "", "--site", "--sit x",
		"--site x --from 2026-02-30", "--site x --timeout 5",
		"--site x --colour blue", "--site x --dry-run=1",
		"--site x a b c", "-s x" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		code = -1;
		if (read_line(wrong[i]))
			fail_msg("taken: %s", wrong[i]);
		assert_int_equal(code, EXIT_USAGE);
	}
}

static void
help_runs_nothing_and_is_no_error(void **state)
{
	(void)state;
	assert_false(read_line("--site shop --help"));
	assert_int_equal(code, EXIT_OK);
}

static void
durations_have_a_unit(void **state)
{
	long long ms;

	(void)state;
	assert_true(options_duration("250ms", &ms));
	assert_int_equal(ms, 250);
	assert_true(options_duration("2d", &ms));
	assert_int_equal(ms, 172800000);
	assert_false(options_duration("5", &ms));
	assert_false(options_duration("s", &ms));
	assert_false(options_duration("-1s", &ms));
	assert_false(options_duration("99999999999s", &ms));
}

static void
the_nearest_word_is_suggested_and_no_far_one(void **state)
{
	static const char *const words[] = { "migrate", "roi", "import-costs" };

	(void)state;
	assert_string_equal(options_nearest("mirgate", words, 3), "migrate");
	assert_string_equal(
	    options_nearest("import-cost", words, 3), "import-costs");
	assert_null(options_nearest("frobnicate", words, 3));
	assert_null(options_nearest("x", NULL, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_value_is_read),
		cmocka_unit_test(what_is_not_given_keeps_its_default),
		cmocka_unit_test(files_stand_anywhere_and_a_dash_is_one),
		cmocka_unit_test(behind_two_dashes_all_are_files),
		cmocka_unit_test(a_wrong_line_is_a_usage_error),
		cmocka_unit_test(help_runs_nothing_and_is_no_error),
		cmocka_unit_test(durations_have_a_unit),
		cmocka_unit_test(the_nearest_word_is_suggested_and_no_far_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
