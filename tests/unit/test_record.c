/*
 * test_record.c - a record survives its journey, what is not a record is
 * refused, and docs/record.md says what the field table says.
 */
#include "common/record.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(65536);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct str *
text_at(struct record *r, int i)
{
	return (struct str *)((char *)r + record_fields[i].offset);
}

static int64_t *
int_at(struct record *r, int i)
{
	return (int64_t *)((char *)r + record_fields[i].offset);
}

/* Every field set; texts as long as allowed when FULL. */
static struct record
filled(bool full)
{
	struct record r = { 0 };

	for (int i = 0; i < RECORD_FIELD_COUNT; i++) {
		size_t len = full ? record_fields[i].max : 1;

		if (!record_fields[i].is_text) {
			*int_at(&r, i) = full ? INT64_C(1) << 53 : i + 1;
		} else {
			char *text = arena_alloc(arena, len);

			memset(text, 'a' + i % 26, len);
			*text_at(&r, i) = str_make(text, len);
		}
	}
	r.v = RECORD_VERSION;
	return r;
}

static void
assert_same(struct record *a, struct record *b)
{
	for (int i = 0; i < RECORD_FIELD_COUNT; i++) {
		if (record_fields[i].is_text)
			assert_true(str_eq(*text_at(a, i), *text_at(b, i)));
		else
			assert_int_equal(*int_at(a, i), *int_at(b, i));
	}
}

static void
a_record_comes_back_as_it_was(void **state)
{
	struct record r = filled(false), back;
	struct buf json = { 0 }, sealed = { 0 };
	struct error err;

	(void)state;
	r.title = STR("a \"quoted\" <title>\n\xe2\x82\xac");
	r.spool_id = STR("00000000deadbeef");
	r.seq = 7;
	r.floor = INT64_C(1) << 53;
	assert_true(record_encode(&r, &json, &err));
	record_seal(&sealed, buf_str(&json), 0xdeadbeef, 7, 1ULL << 53);
	assert_true(record_decode(&back, buf_str(&sealed), arena, &err));
	assert_same(&r, &back);
	buf_free(&json);
	buf_free(&sealed);
}

static void
the_longest_record_comes_back_as_it_was(void **state)
{
	struct record r = filled(true), back;
	struct buf json = { 0 };
	struct error err;

	(void)state;
	json.len = 0;
	r.v = RECORD_VERSION;
	assert_true(record_encode(&r, &json, &err));
	assert_true(record_decode(&back, buf_str(&json), arena, &err));
	assert_int_equal(back.seq, 0);
	back.spool_id = r.spool_id;
	back.seq = r.seq;
	back.floor = r.floor;
	assert_same(&r, &back);
	buf_free(&json);
}

static void
absent_fields_are_left_out(void **state)
{
	struct record r = { .type = STR("page"), .time = 5 };
	struct buf json = { 0 };

	(void)state;
	assert_true(record_encode(&r, &json, NULL));
	assert_string_equal(
	    buf_text(&json), "{\"v\":1,\"type\":\"page\",\"time\":5}");
	json.len = 0;
	record_seal(&json, STR("{\"v\":1}"), 0x0123456789abcdef, 1, 1);
	assert_string_equal(buf_text(&json),
	    "{\"v\":1,\"spool_id\":\"0123456789abcdef\",\"seq\":1,"
	    "\"floor\":1}");
	buf_free(&json);
}

/* R cannot be encoded, the error is EXPECTED and the buffer is as before. */
static void
check_unfit(const struct record *r, const char *expected)
{
	struct buf out = { 0 };
	struct error err;

	buf_add_str(&out, STR("before"));
	assert_false(record_encode(r, &out, &err));
	assert_string_equal(err.text, expected);
	assert_int_equal(err.kind, ERROR_REJECT);
	assert_string_equal(buf_text(&out), "before");
	buf_free(&out);
}

static void
each_text_has_its_limit(void **state)
{
	char expected[128];

	(void)state;
	for (int i = 0; i < RECORD_spool_id; i++) {
		struct record r = filled(true);

		if (!record_fields[i].is_text)
			continue;
		*text_at(&r, i) =
		    str_make(arena_zero(arena, 1, record_fields[i].max + 1),
			record_fields[i].max + 1);
		snprintf(expected, sizeof(expected),
		    "record: %s is longer than %zu bytes",
		    record_fields[i].name, record_fields[i].max);
		check_unfit(&r, expected);
	}
}

static void
bad_bytes_count_as_what_they_become(void **state)
{
	struct record r = { .currency = STR("\xff") }, back;
	struct buf json = { 0 };
	struct error err;

	(void)state;
	assert_true(record_encode(&r, &json, &err));
	assert_true(record_decode(&back, buf_str(&json), arena, &err));
	assert_true(str_is(back.currency, "\xef\xbf\xbd"));
	buf_free(&json);
	r.currency = STR("a\xff");
	check_unfit(&r, "record: currency is longer than 3 bytes");
}

static void
numbers_out_of_range_are_refused(void **state)
{
	struct record r = { .time = -1 };

	(void)state;
	check_unfit(&r, "record: time is out of range");
	r.time = (INT64_C(1) << 53) + 1;
	check_unfit(&r, "record: time is out of range");
}

static void
a_record_that_grows_too_long_is_refused(void **state)
{
	struct record r = { 0 };
	char *quotes = arena_alloc(arena, 16384);

	(void)state;
	memset(quotes, 1, 16384);
	r.items = str_make(quotes, 16384);
	check_unfit(&r, "record: more than 49152 bytes when written");
}

static void
check_refused(const char *json, const char *expected)
{
	struct record r;
	struct error err;

	assert_false(record_decode(&r, str_of(json), arena, &err));
	assert_string_equal(err.text, expected);
	assert_int_equal(err.kind, ERROR_REJECT);
}

static void
what_is_not_a_record_is_refused(void **state)
{
	(void)state;
	check_refused("{}", "record: without a version");
	check_refused("{\"v\":0}", "record: version 0, we read 1");
	check_refused("{\"v\":2,\"time\":{}}", "record: version 2, we read 1");
	check_refused(
	    "{\"v\":\"1\"}", "record: v is no whole number from 0 to 2^53");
	check_refused("{\"v\":1,\"type\":\"page\",\"type\":\"page\"}",
	    "record: type is there twice");
	check_refused("{\"v\":1,\"v\":1}", "record: v is there twice");
	check_refused("{\"v\":1,\"type\":5}", "record: type is no string");
	check_refused("{\"v\":1,\"type\":null}", "record: type is no string");
	check_refused("{\"v\":1,\"time\":1.0}",
	    "record: time is no whole number from 0 to 2^53");
	check_refused("{\"v\":1,\"time\":-1}",
	    "record: time is no whole number from 0 to 2^53");
	check_refused("{\"v\":1,\"time\":9007199254740993}",
	    "record: time is no whole number from 0 to 2^53");
	check_refused("{\"v\":1,\"time\":\"5\"}",
	    "record: time is no whole number from 0 to 2^53");
	check_refused("{\"v\":1,\"currency\":\"EURO\"}",
	    "record: currency is longer than 3 bytes");
	check_refused("{\"v\":1,\"x\":[]}",
	    "record: json: byte 11: nested value in a flat object");
	check_refused("{\"v\":1,\"url\":[]}",
	    "record: json: byte 13: nested value in a flat object");
	check_refused("{\"v\":1,\"url\": []}",
	    "record: json: byte 14: nested value in a flat object");
	check_refused(
	    "{\"v\":1,\"url\":", "record: json: byte 13: expected a value");
	check_refused("{\"v\":1,\"url\":\"a",
	    "record: json: byte 15: string without an end");
	check_refused("[1]", "record: json: byte 0: expected '{'");
	check_refused("", "record: json: byte 0: expected '{'");
	check_refused(
	    "{\"v\":1} ,", "record: json: byte 8: something behind the value");
}

static void
how_a_record_is_spelled_changes_nothing(void **state)
{
	/* As we write it; with space; in another order; a key escaped. */
	const char *const spelled[] = {
		"{\"v\":1,\"type\":\"page\",\"time\":7,\"url\":\"/a\\\"b\"}",
		"{ \"v\" : 1 , \"type\" : \"page\" , \"time\": 7,"
		"\"url\": \"/a\\\"b\" }",
		"{\"url\":\"/a\\\"b\",\"time\":7,\"type\":\"page\",\"v\":1}",
		"{\"v\":1,\"typ\\u0065\":\"page\",\"time\":7,"
		"\"url\":\"/a\\\"b\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spelled) / sizeof(spelled[0]); i++) {
		struct record r;

		assert_true(record_decode(&r, str_of(spelled[i]), arena, NULL));
		assert_true(str_is(r.type, "page"));
		assert_int_equal(r.time, 7);
		assert_true(str_is(r.url, "/a\"b"));
		assert_int_equal(r.site.len, 0);
	}
}

static void
fields_of_a_newer_writer_are_skipped(void **state)
{
	struct record r;

	(void)state;
	assert_true(record_decode(&r,
	    STR("{\"new\":1,\"floor\":9,\"v\":1,\"newer\":\"x\",\"newer\":null,"
		"\"type\":\"page\",\"event_id\":\"e\"}"),
	    arena, NULL));
	assert_int_equal(r.floor, 9);
	assert_true(str_is(r.type, "page"));
	assert_true(str_is(r.event_id, "e"));
}

static void
every_field_is_found_by_its_name(void **state)
{
	(void)state;
	for (int i = 0; i < RECORD_FIELD_COUNT; i++)
		assert_int_equal(record_find(str_of(record_fields[i].name)), i);
	assert_int_equal(record_find(STR("nonsense")), -1);
	assert_int_equal(record_find(STR_EMPTY), -1);
}

static void
the_document_has_a_row_for_each_field(void **state)
{
	FILE *file = fopen("docs/record.md", "r");
	char line[1024], expected[1024];
	int i = 0;

	(void)state;
	assert_non_null(file); /* the tests run from the root */
	while (fgets(line, sizeof(line), file) != NULL) {
		const struct record_field_info *field = &record_fields[i];

		if (line[0] != '|' || strncmp(line, "| field |", 9) == 0 ||
		    strncmp(line, "|---", 4) == 0)
			continue;
		assert_true(i < RECORD_FIELD_COUNT);
		if (field->is_text)
			snprintf(expected, sizeof(expected),
			    "| %s | text | %zu | %s |\n", field->name,
			    field->max, field->doc);
		else
			snprintf(expected, sizeof(expected),
			    "| %s | number |  | %s |\n", field->name,
			    field->doc);
		assert_string_equal(line, expected);
		i++;
	}
	assert_int_equal(i, RECORD_FIELD_COUNT);
	fclose(file);
}

/* tests/data/records/N.jsonl: as collectors of version N wrote them. */
static void
records_of_every_version_are_read_for_ever(void **state)
{
	char path[64], line[RECORD_MAX_BYTES];

	(void)state;
	for (int version = 1; version <= RECORD_VERSION; version++) {
		FILE *file;
		int lines = 0;

		snprintf(
		    path, sizeof(path), "tests/data/records/%d.jsonl", version);
		file = fopen(path, "r");
		assert_non_null(file); /* a new version brings its own */
		while (fgets(line, sizeof(line), file) != NULL) {
			struct str json = str_trim(str_of(line));
			struct buf back = { 0 };
			struct record r;

			assert_true(record_decode(&r, json, arena, NULL));
			assert_int_equal(r.v, version);
			assert_true(r.event_id.len > 0 && r.site.len > 0);
			lines++;
			if (version == RECORD_VERSION) {
				/* Nothing in it is lost on us; the place in
				 * the spool follows by record_seal(). */
				assert_true(record_encode(&r, &back, NULL));
				assert_true(str_starts(json,
				    str_head(buf_str(&back), back.len - 1)));
				assert_true(r.seq > 0 && r.spool_id.len == 16);
			}
			buf_free(&back);
		}
		assert_true(lines > 0);
		fclose(file);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_record_comes_back_as_it_was),
		TEST(the_longest_record_comes_back_as_it_was),
		TEST(absent_fields_are_left_out),
		TEST(each_text_has_its_limit),
		TEST(bad_bytes_count_as_what_they_become),
		TEST(numbers_out_of_range_are_refused),
		TEST(a_record_that_grows_too_long_is_refused),
		TEST(what_is_not_a_record_is_refused),
		TEST(how_a_record_is_spelled_changes_nothing),
		TEST(fields_of_a_newer_writer_are_skipped),
		TEST(every_field_is_found_by_its_name),
		TEST(the_document_has_a_row_for_each_field),
		TEST(records_of_every_version_are_read_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
