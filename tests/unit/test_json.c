/*
 * test_json.c - the reader refuses what RFC 8259 refuses and a little more,
 * the flat scanner agrees with it, and what the writer writes reads back.
 */
#include "common/json.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

/* Whether TEXT is read; the arena dies with the answer. */
static bool
accepts(struct str text)
{
	struct arena *arena = arena_new(4096);
	struct error err = { .text = "" };
	bool ok = json_read(arena, text, &err) != NULL;

	if (!ok) {
		assert_int_equal(err.kind, ERROR_REJECT);
		assert_non_null(strstr(err.text, "byte "));
	}
	arena_free(arena);
	return ok;
}

#define YES(literal)                                                           \
	{                                                                      \
		STR_INIT(literal), true                                        \
	}
#define NO(literal)                                                            \
	{                                                                      \
		STR_INIT(literal), false                                       \
	}
#define STR_INIT(literal)                                                      \
	{                                                                      \
		"" literal, sizeof(literal) - 1                                \
	}
struct sample {
	struct str text;
	bool ok;
};

static void
check_samples(const struct sample *sample, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (accepts(sample[i].text) != sample[i].ok)
			fail_msg("%s: %.*s",
			    sample[i].ok ? "refused" : "accepted",
			    STR_ARG(sample[i].text));
	}
}
#define CHECK_SAMPLES(s) check_samples(s, sizeof(s) / sizeof((s)[0]))

static void
structure_follows_the_grammar(void **state)
{
	/* clang-format off */
	static const struct sample samples[] = {
		YES("[]"), YES("{}"), YES(" [] "), YES("[[]   ]"),
		YES("[\"\"]"), YES("[false]"), YES("[null, 1, \"1\", {}]"),
		YES("[null]"), YES("[1\n]"), YES(" [1]"), YES("[2] "),
		YES("[1,null,null,null,2]"), YES("\"asd\""), YES("false"),
		YES("42"), YES("-0.1"), YES("null"), YES("true"), YES("\"\""),
		YES("[true]"), YES("[\"a\"]\n"), YES("\t\r\n [ ]"),
		YES("{\"asd\":\"sdf\", \"dfg\":\"fgh\"}"), YES("{\"\":0}"),
		YES("{\"a\":[]}"), YES("{\n\"a\": \"b\"\n}"), NO(""), NO(" "),
		NO("[1 true]"), NO("[\"\": 1]"), NO("[\"\"],"), NO("[,1]"),
		NO("[1,,2]"), NO("[\"x\",,]"), NO("[\"x\"]]"), NO("[\"\",]"),
		NO("[\"x\""), NO("[x"), NO("[3[4]]"), NO("[1:2]"), NO("[,]"),
		NO("[-]"), NO("[   , \"\"]"), NO("[\"a\",\n4\n,1,"), NO("[1,]"),
		NO("[1,\n1\n,1"), NO("[*]"), NO("[1,,]"), NO("[fals]"),
		NO("[nul]"), NO("[tru]"), NO("[True]"), NO("nulL"),
		NO("[\"a\",\n"), NO("[\v\"\"]"), NO("[\f]"),
		NO("[\xe2\x81\xa0]"), NO("\xef\xbb\xbf{}"), NO("\xef\xbb\xbf"),
		NO("\xff\xfe[\0]\0"), NO("{\"a\":1"), NO("[\"x\", truth]"),
		NO("{[: \"x\"}\n"), NO("{\"x\", null}"), NO("{\"x\"::\"b\"}"),
		NO("{\"a\":\"a\" 123}"), NO("{key: 'v'}"), NO("{\"a\" b}"),
		NO("{:\"b\"}"), NO("{\"a\" \"b\"}"), NO("{\"a\":"),
		NO("{\"a\""), NO("{1:1}"), NO("{null:null}"), NO("{\"id\":0,}"),
		NO("{\"id\":0,,,,,}"), NO("{'a':0}"), NO("{\"a\":\"b\"}/**/"),
		NO("{\"a\":\"b\"}//"), NO("/*a*/[]"),
		NO("{\"a\":\"b\",,\"c\":\"d\"}"), NO("{a: \"b\"}"),
		NO("{\"a\":\"a"), NO("{\"foo\":\"bar\", \"a\"}"),
		NO("{\"a\":\"b\"}#"), NO(" {}}"), NO("{]"), NO("[}"), NO("{"),
		NO("["), NO("]"), NO("}"), NO("<null>"), NO("[<null>]"),
		NO("[a"), NO("2@"), NO("{}}"), NO("[][]"), NO("[1]x"),
		NO("{\"\":"), NO("{\"a\":/*c*/\"b\"}"), NO("[true false]"),
		NO("*"), NO("{\"a\":\"b\"}#{}"), NO("[\\u000A\"\"]"), NO("[1"),
		NO("[ false, nul"), NO("[\"asd]"), NO("aå"), NO("[True]"),
		NO("1]"), NO("{\"x\": true,"), NO("\xe2\x80\xa8[]"), NO("[]\0"),
		NO("\0"), NO("[\0]"), NO("abc"), NO("{ , }"), NO("nullnull"),
		NO("true1"), NO("NaN"), NO("undefined"),
	};
	/* clang-format on */

	(void)state;
	CHECK_SAMPLES(samples);
}

static void
numbers_follow_the_grammar(void **state)
{
	/* clang-format off */
	static const struct sample samples[] = {
		YES("[123e65]"), YES("[0e+1]"), YES("[0e1]"), YES("[ 4]"),
		YES("[-0.000000000000000000000000000000000000000000001]"),
		YES("[20e1]"), YES("[-0]"), YES("[-123]"), YES("[-1]"),
		YES("[1E22]"), YES("[1E-2]"), YES("[1E+2]"), YES("[123.45e-7]"),
		YES("[123.456e78]"), YES("[1e-2]"), YES("[1e+2]"), YES("0"),
		YES("[123]"), YES("[123.456789]"), YES("[0.5]"), YES("-0"),
		/* Kept as text, so nothing overflows. */
		YES("[1e999]"), YES("[-1e+9999]"), YES("[123e-10000000]"),
		YES("[100000000000000000000000]"), YES("[0.4e00669999999999]"),
		NO("[++1234]"), NO("[+1]"), NO("[+Inf]"), NO("[-01]"),
		NO("[-1.0.]"), NO("[-2.]"), NO("[-NaN]"), NO("[.-1]"),
		NO("[.2e-3]"), NO("[0.1.2]"), NO("[0.3e+]"), NO("[0.3e]"),
		NO("[0.e1]"), NO("[0E+]"), NO("[0E]"), NO("[0e+]"), NO("[0e]"),
		NO("[1.0e+]"), NO("[1.0e-]"), NO("[1.0e]"), NO("[1 000.0]"),
		NO("[1eE2]"), NO("[2.e+3]"), NO("[2.e-3]"), NO("[2.e3]"),
		NO("[9.e+]"), NO("[Inf]"), NO("[NaN]"), NO("[\xef\xbc\x91]"),
		NO("[1+2]"), NO("[0x1]"), NO("[0x42]"), NO("[Infinity]"),
		NO("[0e+-1]"), NO("[-123.123foo]"), NO("[-foo]"), NO("[- 1]"),
		NO("[-012]"), NO("[-.123]"), NO("[-1x]"), NO("[1ea]"),
		NO("[1.]"), NO("[.123]"), NO("[1.2a-3]"), NO("[012]"),
		NO("[1.8011670033376514H-308]"), NO("00"), NO("01"), NO("-"),
		NO("[1e5.5]"), NO("[123\xe5]"), NO("[1_000]"), NO("[1,0.]"),
	};
	/* clang-format on */

	(void)state;
	CHECK_SAMPLES(samples);
}

static void
strings_follow_the_grammar(void **state)
{
	/* clang-format off */
	static const struct sample samples[] = {
		YES("[\"\\u0060\\u012a\\u12AB\"]"), YES("[\"\\uD801\\udc37\"]"),
		YES("[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
		YES("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"), YES("[\"\\\\u0000\"]"),
		YES("[\"\\\"\"]"), YES("[\"a/*b*/c/*d//e\"]"),
		YES("[\"\\\\a\"]"), YES("[\"\\\\n\"]"), YES("[\"\\u0012\"]"),
		YES("[\"\\uFFFF\"]"), YES("[\"asd\"]"),
		YES("[\"\\uDBFF\\uDFFF\"]"), YES("[\"new\\u00A0line\"]"),
		YES("[\"\xf4\x8f\xbf\xbf\"]"), YES("[\"\xef\xbf\xbf\"]"),
		YES("[\"\\u002c\"]"), YES("[\"\xcf\x80\"]"), YES("[\"asd \"]"),
		YES("\" \""), YES("[\"\\uD834\\uDd1e\"]"),
		YES("[\"\xe2\x80\xa8\"]"), YES("[\"\x7f\"]"),
		YES("[\"\\u2064\"]"), YES("[\"\\uFDD0\"]"),
		YES("[\"\xe2\x82\xac\xf0\x9d\x84\x9e\"]"), YES("[\"a\x7f z\"]"),
		YES("{\"a\\u0062\":1}"), YES("[\"0123456789abcdef\xc3\xa9\"]"),
		/* Where RFC 8259 leaves the choice, we refuse. */
		NO("[\"\\u0000\"]"), NO("{\"a\\u0000b\":1}"),
		NO("[\"\\uD800\"]"), NO("[\"\\uDADA\"]"), NO("[\"\\uDFAA\"]"),
		NO("[\"\\uD888\\u1234\"]"), NO("[\"\\uD800\\n\"]"),
		NO("[\"\\uDd1ea\"]"), NO("[\"\\uD800\\uD800\\n\"]"),
		NO("[\"\\ud800abc\"]"), NO("[\"\\uDd1e\\uD834\"]"),
		NO("[\"\xff\"]"), NO("[\"\xe9\"]"), NO("[\"\x81\"]"),
		NO("[\"\xf4\xbf\xbf\xbf\"]"), NO("[\"\xc0\xaf\"]"),
		NO("[\"\xfc\x83\xbf\xbf\xbf\xbf\"]"), NO("[\"\xed\xa0\x80\"]"),
		NO("[\"\xe0\xff\"]"), NO("[\"\xc3\\n\xa9\"]"),
		NO("[\"\xc3\\u0080\"]"), NO("[\"0123456789abcde\xc3\"]"),
		NO("[\"0123456789abcdef0123456789\xff\"]"), NO("{\"\xb9\":1}"),
		NO("[\"\\uD800\\\"]"), NO("[\"\\uD800\\u\"]"),
		NO("[\"\\uD800\\u1\"]"), NO("[\"\\uD800\\u1x\"]"),
		NO("[\xc3\xa9]"), NO("[\"\\\0\"]"), NO("[\"\\x00\"]"),
		NO("[\"\\\\\\\"]"), NO("[\"\\\t\"]"),
		NO("[\"\\\xf0\x9f\x8c\x80\"]"), NO("[\"\\\"]"),
		NO("[\"\\u00A\"]"), NO("[\"\\uD834\\uDd\"]"), NO("[\"\\a\"]"),
		NO("[\"\\uqqqq\"]"), NO("[\"\\\xe5\"]"), NO("[\\u0020\"asd\"]"),
		NO("[\\n]"), NO("\""), NO("['single']"), NO("[\"\\"),
		NO("[\"a\0a\"]"), NO("[\"new\nline\"]"), NO("[\"\t\"]"),
		NO("\"\\UA66D\""), NO("\"\"x"), NO("[\"\x1f\"]"),
		NO("[\"0123456789abcdef0123456789\x01\"]"), NO("[\"\\u 123\"]"),
		NO("\"\\u12"), NO("\"\\ud83d\\ude3"), NO("\"\\n"),
		NO("\"\\u-123\""),
	};
	/* clang-format on */

	(void)state;
	CHECK_SAMPLES(samples);
}

/* N times OPEN, then N times CLOSE. */
static bool
accepts_depth(size_t n, const char *open, const char *close)
{
	struct buf b = { 0 };
	bool ok;

	for (size_t i = 0; i < n; i++)
		buf_add_str(&b, str_of(open));
	buf_add_char(&b, '1');
	for (size_t i = 0; i < n; i++)
		buf_add_str(&b, str_of(close));
	ok = accepts(buf_str(&b));
	buf_free(&b);
	return ok;
}

static void
depth_is_bounded(void **state)
{
	(void)state;
	assert_true(accepts_depth(JSON_DEPTH_MAX, "[", "]"));
	assert_true(accepts_depth(JSON_DEPTH_MAX, "{\"a\":", "}"));
	assert_false(accepts_depth(JSON_DEPTH_MAX + 1, "[", "]"));
	assert_false(accepts_depth(JSON_DEPTH_MAX + 1, "{\"a\":", "}"));
	assert_false(accepts_depth(100000, "[", ""));
	assert_false(accepts_depth(50000, "[{\"\":", ""));
}

static void
a_key_may_come_once_in_an_object(void **state)
{
	/* clang-format off */
	static const struct sample samples[] = {
		NO("{\"a\":\"b\",\"a\":\"c\"}"), NO("{\"a\":1,\"\\u0061\":1}"),
		YES("{\"a\":{\"a\":1},\"b\":{\"a\":1}}"),
		YES("[{\"a\":1},{\"a\":1}]"), NO("[{\"b\":{\"\":0,\"\":0}}]"),
	};
	/* clang-format on */
	struct buf b = { 0 };

	(void)state;
	CHECK_SAMPLES(samples);
	buf_add_char(&b, '{');
	for (int i = 0; i < 3000; i++)
		buf_printf(&b, "\"k%d\":%d,", i, i);
	buf_add_str(&b, STR("\"last\":0}"));
	assert_true(accepts(buf_str(&b)));
	b.len -= 1;
	buf_add_str(&b, STR(",\"k1234\":0}"));
	assert_false(accepts(buf_str(&b)));
	buf_free(&b);
}

static void
check_error(struct str text, const char *expected)
{
	struct arena *arena = arena_new(4096);
	struct error err;

	assert_null(json_read(arena, text, &err));
	assert_string_equal(err.text, expected);
	arena_free(arena);
}

static void
an_error_names_the_byte(void **state)
{
	(void)state;
	check_error(STR("[1,]"), "json: byte 3: expected a value");
	check_error(STR("{\"a\":1,\"b\":2,\"a\":3}"),
	    "json: byte 17: key that came before");
	check_error(STR("[\"a\\x\"]"), "json: byte 4: unknown escape");
	check_error(STR("[1] x"), "json: byte 4: something behind the value");
	check_error(STR("\xef\xbb\xbf[]"), "json: byte 0: byte order mark");
	check_error(STR("{\"a\"}"), "json: byte 4: expected ':'");
	check_error(STR("[01]"), "json: byte 2: number with a leading zero");
	check_error(STR_EMPTY, "json: byte 0: expected a value");
}

static void
a_tree_holds_what_was_written(void **state)
{
	struct arena *arena = arena_new(4096);
	struct str text = STR(" {\"a\" : [1, -2.5e3 ,\"x\\ny\"] , \"b\\u00e9\":"
			      "{\"c\":true,\"d\":false,\"e\":null}} ");
	struct json *root = json_read(arena, text, NULL);
	const struct json *a, *b;

	(void)state;
	assert_non_null(root);
	assert_int_equal(root->type, JSON_OBJECT);
	assert_int_equal(root->count, 2);
	assert_int_equal(root->raw.len, text.len - 2);
	a = json_find(root, "a");
	assert_non_null(a);
	assert_int_equal(a->type, JSON_ARRAY);
	assert_int_equal(a->count, 3);
	assert_true(str_is(a->raw, "[1, -2.5e3 ,\"x\\ny\"]"));
	assert_true(str_is(a->child->text, "1"));
	assert_true(str_is(a->child->next->text, "-2.5e3"));
	assert_true(str_is(a->child->next->next->text, "x\ny"));
	assert_true(str_is(a->child->next->next->raw, "\"x\\ny\""));
	b = json_find(root, "b\xc3\xa9");
	assert_non_null(b);
	assert_int_equal(json_find(b, "c")->type, JSON_TRUE);
	assert_int_equal(json_find(b, "d")->type, JSON_FALSE);
	assert_int_equal(json_find(b, "e")->type, JSON_NULL);
	assert_null(json_find(b, "f"));
	assert_null(json_find(a, "a"));
	assert_null(json_find(NULL, "a"));
	arena_free(arena);
}

static void
escapes_become_their_characters(void **state)
{
	struct arena *arena = arena_new(64);
	struct json *v = json_read(arena,
	    STR("\"\\\"\\\\\\/"
		"\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud834\\udd1e"
		" and a long tail without any escape at all\""),
	    NULL);

	(void)state;
	assert_non_null(v);
	assert_true(str_is(v->text,
	    "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e"
	    " and a long tail without any escape at all"));
	arena_free(arena);
}

static void
plain_strings_are_lent_from_the_input(void **state)
{
	struct arena *arena = arena_new(4096);
	struct str text = STR("{\"key\":\"value\xc3\xa9\",\"n\":12}");
	struct json_flat f = json_flat_start(text, arena);
	struct str key, value;
	enum json_type type;
	size_t before = arena_used(arena);

	(void)state;
	assert_true(json_flat_next(&f, &key, &type, &value, NULL));
	assert_ptr_equal(key.data, text.data + 2);
	assert_ptr_equal(value.data, text.data + 8);
	assert_true(json_flat_next(&f, &key, &type, &value, NULL));
	assert_int_equal(type, JSON_NUMBER);
	assert_int_equal(arena_used(arena), before);
	arena_free(arena);
}

/* Reads TEXT flat; the members' count, or -1 and the error in ERR. */
static int
flat_count(struct str text, struct error *err)
{
	struct arena *arena = arena_new(4096);
	struct json_flat f = json_flat_start(text, arena);
	struct str key, value;
	enum json_type type;
	int n = 0;

	while (json_flat_next(&f, &key, &type, &value, err))
		n++;
	assert_false(json_flat_next(&f, &key, &type, &value, err));
	arena_free(arena);
	return f.ended ? n : -1;
}

static void
the_flat_scanner_takes_one_flat_object(void **state)
{
	static const char *const bad[] = { "", "[]", "1", "{", "{\"a\"",
		"{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}",
		"{\"a\":1 \"b\":2}", "{\"a\":[]}", "{\"a\":{}}", "{}x",
		"{\"a\":1}}", "{\"a\":01}", "{\"a\":\"\\u0000\"}", "{a:1}",
		"{\"a\":\"\xff\"}", "{\"a\":nul}", "\xef\xbb\xbf{}",
		"{\"a\":1,,\"b\":2}", "{} {}" };
	struct error err;

	(void)state;
	assert_int_equal(flat_count(STR("{}"), &err), 0);
	assert_int_equal(flat_count(STR(" { } "), &err), 0);
	assert_int_equal(flat_count(STR("{\"a\":1,\"b\":\"x\"}"), &err), 2);
	assert_int_equal(flat_count(STR("{ \"a\" : null , \"a\" : true ,"
					"\"c\":false } \n"),
			     &err),
	    3);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.text[0] = '\0';
		if (flat_count(str_of(bad[i]), &err) != -1)
			fail_msg("accepted %s", bad[i]);
		assert_non_null(strstr(err.text, "json: byte "));
	}
	assert_int_equal(flat_count(STR("{\"a\":1,\"b\":[1]}"), &err), -1);
	assert_string_equal(
	    err.text, "json: byte 11: nested value in a flat object");
}

static void
the_writer_escapes_what_must_not_stand(void **state)
{
	struct buf b = { 0 };
	struct json_writer w = json_write(&b);

	(void)state;
	json_begin_array(&w);
	json_string(&w, STR("a\"b\\c/d\b\f\n\r\t\x01\x1f\x7f"));
	json_string(&w, STR("</script>"));
	json_string(&w, STR("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa"));
	json_string(&w, STR("x\xff\xc3(\xed\xa0\x80"));
	json_string(&w, STR("nul\0!"));
	json_string(&w, STR("0123456789abcdef<0123456789abcdef\xc3\xa9"));
	json_string(&w, STR_EMPTY);
	json_end_array(&w);
	assert_string_equal(buf_text(&b),
	    "[\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\","
	    "\"\\u003c/script>\",\"\\u2028\\u2029\xe2\x80\xaa\","
	    "\"x\xef\xbf\xbd\xef\xbf\xbd("
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\","
	    "\"nul\xef\xbf\xbd!\","
	    "\"0123456789abcdef\\u003c0123456789abcdef\xc3\xa9\",\"\"]");
	assert_true(accepts(buf_str(&b)));
	assert_int_equal(json_text_bytes(STR("x\xff\xc3(")), 8);
	assert_int_equal(json_text_bytes(STR("nul\0!")), 7);
	assert_int_equal(json_text_bytes(STR("\xc3\xa9")), 2);
	assert_int_equal(json_text_bytes(STR_EMPTY), 0);
	buf_free(&b);
}

static void
the_writer_places_commas_and_colons(void **state)
{
	struct buf b = { 0 };
	struct json_writer w = json_write(&b);

	(void)state;
	json_begin_object(&w);
	json_key(&w, STR("a"));
	json_begin_array(&w);
	json_begin_array(&w);
	json_end_array(&w);
	json_int(&w, -5);
	json_begin_object(&w);
	json_end_object(&w);
	json_bool(&w, true);
	json_end_array(&w);
	json_key(&w, STR("b<"));
	json_micros(&w, 12500000);
	json_key(&w, STR("c"));
	json_null(&w);
	json_key(&w, STR("d"));
	json_raw(&w, STR("{\"e\":1}"));
	json_key(&w, STR("f"));
	json_bool(&w, false);
	json_end_object(&w);
	assert_string_equal(buf_text(&b),
	    "{\"a\":[[],-5,{},true],\"b\\u003c\":12.5,\"c\":null,"
	    "\"d\":{\"e\":1},\"f\":false}");
	buf_free(&b);
}

static void
every_prefix_of_a_text_is_read_without_harm(void **state)
{
	struct str text =
	    STR("{\"k\\u00e9y\":[1.5e+7,\"\\ud83d\\ude00\",null,"
		"{\"a\":true}],\"b\":\"\xc3\xa9 long enough text\"}");

	(void)state;
	for (size_t n = 0; n <= text.len; n++) {
		/* A copy of its own, so that a byte too far is seen. */
		char *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, text.data, n);
		assert_int_equal(accepts(str_make(copy, n)), n == text.len);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structure_follows_the_grammar),
		cmocka_unit_test(numbers_follow_the_grammar),
		cmocka_unit_test(strings_follow_the_grammar),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(a_key_may_come_once_in_an_object),
		cmocka_unit_test(an_error_names_the_byte),
		cmocka_unit_test(a_tree_holds_what_was_written),
		cmocka_unit_test(escapes_become_their_characters),
		cmocka_unit_test(plain_strings_are_lent_from_the_input),
		cmocka_unit_test(the_flat_scanner_takes_one_flat_object),
		cmocka_unit_test(the_writer_escapes_what_must_not_stand),
		cmocka_unit_test(the_writer_places_commas_and_colons),
		cmocka_unit_test(every_prefix_of_a_text_is_read_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
