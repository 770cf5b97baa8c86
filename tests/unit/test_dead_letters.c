/* The file of records that Kafka will never take, and who is erased. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/dead_letters.h"
#include "common/log.h"

static const struct str SITE = { "shop", 4 };

struct world {
	char dir[64], path[96];
	struct erased *e;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	log_start("test", LOG_ERROR + 1);
	snprintf(w->dir, sizeof(w->dir), "/tmp/afterclick-letters-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->path, sizeof(w->path), "%s/dead-letters.jsonl", w->dir);
	w->e = erased_new();
	erased_make_secret(w->e);
	assert_true(erased_add(w->e,
	    erased_entry(w->e, person_key(PERSON_VISITOR, SITE, STR("v-1")))));
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	unlink(w->path);
	assert_int_equal(rmdir(w->dir), 0);
	erased_free(w->e);
	free(w);
	return 0;
}

static void
add(struct world *w, const char *key, const char *record)
{
	assert_true(dead_letters_add(
	    w->path, str_of(key), str_of(record), "too \"large\""));
}

static void
read_back(struct world *w, char *text, size_t size)
{
	FILE *f = fopen(w->path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	fclose(f);
}

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

static void
of_who_is_erased_only_when_and_why_stays(void **state)
{
	struct world *w = *state;
	char before[4096], after[4096], again[4096];
	struct stat about;
	int fd;

	add(w, "v-1", "{\"v\":1,\"site\":\"shop\",\"visitor_id\":\"v-1\"}");
	add(w, "v-2", "{\"v\":1,\"site\":\"shop\",\"visitor_id\":\"v-2\"}");
	/* A full disk tore this one. */
	fd = open(w->path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "\n{\"ti v-1\"", 10), 10);
	close(fd);
	add(w, "x", "{\"v\":1,\"site\":\"shop\",\"visitor_id\":\"v-3\"}");
	read_back(w, before, sizeof(before));
	assert_int_equal(count(before, "v-1"), 3);

	assert_true(dead_letters_forget(w->path, w->e, &SITE, 1));
	read_back(w, after, sizeof(after));
	assert_int_equal(count(after, "v-1"), 0);
	assert_int_equal(count(after, "\"visitor_id\":\"v-2\""), 1);
	assert_int_equal(count(after, "\"visitor_id\":\"v-3\""), 1);
	assert_int_equal(count(after, "\"erased\":true}\n"), 2);
	assert_int_equal(
	    count(after, "\"reason\":\"too \\\"large\\\"\",\"erased\":true}"),
	    1);
	assert_int_equal(stat(w->path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);

	/* Once more changes nothing, and what comes later goes on behind. */
	assert_true(dead_letters_forget(w->path, w->e, &SITE, 1));
	read_back(w, again, sizeof(again));
	assert_string_equal(again, after);
	add(w, "v-4", "{\"v\":1}");
	read_back(w, again, sizeof(again));
	assert_int_equal(strncmp(again, after, strlen(after)), 0);
	assert_int_equal(count(again, "\"key\":\"v-4\""), 1);
}

static void
without_a_file_there_is_nothing_to_do(void **state)
{
	struct world *w = *state;

	assert_true(dead_letters_forget(w->path, w->e, &SITE, 1));
	assert_int_equal(access(w->path, F_OK), -1);
}

static void
what_cannot_be_rewritten_is_told_and_kept(void **state)
{
	struct world *w = *state;
	char name[128], text[4096];

	add(w, "v-1", "{\"v\":1,\"site\":\"shop\",\"visitor_id\":\"v-1\"}");
	snprintf(name, sizeof(name), "%s.new", w->path);
	assert_int_equal(mkdir(name, 0700), 0);
	assert_false(dead_letters_forget(w->path, w->e, &SITE, 1));
	assert_int_equal(rmdir(name), 0);
	read_back(w, text, sizeof(text));
	assert_int_equal(count(text, "\"visitor_id\":\"v-1\""), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_who_is_erased_only_when_and_why_stays),
		TEST(without_a_file_there_is_nothing_to_do),
		TEST(what_cannot_be_rewritten_is_told_and_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
