/*
 * test_json_suite.c - the reader's verdict on each text of JSONTestSuite
 * (tests/data/json_suite.tsv, made by tools/make-json-suite, which says
 * where ours is stricter than it must be), and on each of its objects the
 * flat scanner's: never looser than the reader's.
 */
#include "common/digest.h"
#include "common/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool
scanned(struct str text, struct arena *arena)
{
	struct json_flat f = json_flat_start(text, arena);
	struct str key, value;
	enum json_type type;
	struct error err = { 0 };

	while (json_flat_next(&f, &key, &type, &value, &err))
		;
	return f.ended;
}

static void
every_text_gets_the_verdict_it_should(void **state)
{
	FILE *f = fopen("tests/data/json_suite.tsv", "r");
	struct arena *arena = arena_new(65536);
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int rows = 0, wrong = 0;

	(void)state;
	assert_non_null(f);
	while ((len = getline(&line, &cap, f)) > 0) {
		char *verdict, *encoded, *rest = line;
		const char *name = strsep(&rest, "\t");
		unsigned char *text;
		size_t size = 0;
		bool take, taken;
		struct error err = { 0 };

		line[len - 1] = '\0';
		verdict = strsep(&rest, "\t");
		encoded = rest;
		assert_non_null(encoded);
		take = strcmp(verdict, "take") == 0;
		text = malloc(strlen(encoded) + 3);
		assert_non_null(text);
		assert_true(digest_unbase64(
		    str_make(encoded, strlen(encoded)), text, &size));
		taken = json_read(arena, str_make((char *)text, size), &err);
		if (taken != take) {
			print_error(
			    "%s: %s\n", name, take ? err.text : "taken");
			wrong++;
		}
		if (!take && scanned(str_make((char *)text, size), arena) &&
		    strncmp(name, "y_object_duplicated", 19) != 0) {
			print_error("%s: scanned\n", name);
			wrong++;
		}
		free(text);
		arena_reset(arena);
		rows++;
	}
	free(line);
	fclose(f);
	arena_free(arena);
	assert_int_equal(wrong, 0);
	assert_int_equal(rows, 316);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_gets_the_verdict_it_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
