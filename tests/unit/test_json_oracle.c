/*
 * test_json_oracle.c - random texts, well-formed and damaged, are read as
 * jansson reads them, which other people wrote and tested.
 */
#include "common/json.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdlib.h>

/* Some of jansson's names are ours too. */
#define JSON_OBJECT JANSSON_OBJECT
#define JSON_ARRAY JANSSON_ARRAY
#define JSON_STRING JANSSON_STRING
#define JSON_TRUE JANSSON_TRUE
#define JSON_FALSE JANSSON_FALSE
#define JSON_NULL JANSSON_NULL
#define json_type jansson_type
#define json_string jansson_string
#define json_null jansson_null
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_TRUE
#undef JSON_FALSE
#undef JSON_NULL
#undef json_type
#undef json_string
#undef json_null

#include <cmocka.h>

/*
 * The oracle. Loaded by hand: linked, its calls of json_null() would find
 * ours.
 */
#define JANSSON_CALLS(X)                                                       \
	X(json_loadb)                                                          \
	X(json_delete)                                                         \
	X(json_integer_value)                                                  \
	X(json_real_value)                                                     \
	X(json_string_value)                                                   \
	X(json_string_length)                                                  \
	X(json_array_size)                                                     \
	X(json_array_get)                                                      \
	X(json_object_size)                                                    \
	X(json_object_get)
#define DECLARE(name) __typeof__(name) *name##_;
static struct {
	JANSSON_CALLS(DECLARE)
} jansson;

static int
open_jansson(void **state)
{
	void *library = dlopen("libjansson.so.4", RTLD_NOW | RTLD_LOCAL);

	(void)state;
	assert_non_null(library);
#define FETCH(name)                                                            \
	*(void **)&jansson.name##_ = dlsym(library, #name);                    \
	assert_non_null(jansson.name##_);
	JANSSON_CALLS(FETCH)
	return 0;
}

static uint64_t seed = 88172645463325252u;

static unsigned
dice(unsigned sides)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 20) % sides;
}

static void
random_space(struct buf *b)
{
	if (dice(6) == 0)
		buf_add_char(b, " \t\n\r"[dice(4)]);
}

static void
random_string(struct buf *b)
{
	static const char *const piece[] = { "a", "bc", "\\n", "\\\"",
		"\\u00e9", "\\ud83d\\ude00", "\xc3\xa9", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80", "plain text longer than a block", "\\/",
		"<", "'", "\\\\", " ", "0" };

	buf_add_char(b, '"');
	for (unsigned n = dice(5); n > 0; n--)
		buf_add_str(b, str_of(piece[dice(16)]));
	buf_add_char(b, '"');
}

static void
random_value(struct buf *b, int depth)
{
	static const char *const scalar[] = { "0", "-1", "12.5", "1e3", "-0.0",
		"2E-2", "123456789", "true", "false", "null",
		"9007199254740993" };
	unsigned kind = dice(depth < 4 ? 6 : 3);

	random_space(b);
	if (kind < 2) {
		buf_add_str(b, str_of(scalar[dice(11)]));
	} else if (kind == 2) {
		random_string(b);
	} else {
		bool object = kind > 3;

		buf_add_char(b, object ? '{' : '[');
		for (unsigned i = 0, n = dice(4); i < n; i++) {
			if (i > 0)
				buf_add_char(b, ',');
			random_space(b);
			if (object) {
				random_string(b);
				random_space(b);
				buf_add_char(b, ':');
			}
			random_value(b, depth + 1);
		}
		buf_add_char(b, object ? '}' : ']');
	}
	random_space(b);
}

static void
mutate(struct buf *b)
{
	static const char bytes[] = "{}[]\",:\\u0019-+.eE tfn\xc3\x80\xff\x01/";

	if (b->len == 0)
		return;
	switch (dice(4)) {
	case 0:
		b->data[dice((unsigned)b->len)] =
		    bytes[dice(sizeof(bytes) - 1)];
		break;
	case 1:
		b->len = dice((unsigned)b->len);
		break;
	case 2:
		buf_add_char(b, bytes[dice(sizeof(bytes) - 1)]);
		break;
	default:
		b->data[dice((unsigned)b->len)] = (char)dice(256);
		break;
	}
}

static void
same_value(const struct json *ours, json_t *theirs)
{
	const struct json *child = ours->child;
	char number[64];

	switch (ours->type) {
	case JSON_NULL:
		assert_true(json_typeof(theirs) == JANSSON_NULL);
		break;
	case JSON_TRUE:
		assert_true(json_typeof(theirs) == JANSSON_TRUE);
		break;
	case JSON_FALSE:
		assert_true(json_typeof(theirs) == JANSSON_FALSE);
		break;
	case JSON_NUMBER:
		assert_true(json_is_number(theirs));
		assert_true(ours->text.len < sizeof(number));
		memcpy(number, ours->text.data, ours->text.len);
		number[ours->text.len] = '\0';
		if (json_is_integer(theirs))
			assert_true(strtoll(number, NULL, 10) ==
				    jansson.json_integer_value_(theirs));
		else
			assert_true(strtod(number, NULL) ==
				    jansson.json_real_value_(theirs));
		break;
	case JSON_STRING:
		assert_true(json_typeof(theirs) == JANSSON_STRING);
		assert_true(str_eq(
		    ours->text, str_make(jansson.json_string_value_(theirs),
				    jansson.json_string_length_(theirs))));
		break;
	case JSON_ARRAY:
		assert_int_equal(jansson.json_array_size_(theirs), ours->count);
		for (size_t i = 0; child; child = child->next)
			same_value(child, jansson.json_array_get_(theirs, i++));
		break;
	case JSON_OBJECT:
		assert_int_equal(
		    jansson.json_object_size_(theirs), ours->count);
		for (; child; child = child->next) {
			char *key = str_dup(child->key);

			assert_non_null(jansson.json_object_get_(theirs, key));
			same_value(
			    child, jansson.json_object_get_(theirs, key));
			free(key);
		}
		break;
	}
}

/*
 * Jansson is told to be as strict as we are on duplicate keys, and it
 * refuses \u0000 by itself. Where the two still differ by design, each way
 * is named here: numbers that overflow its types, which we keep as text; a NUL
 * behind the value, which it takes for the end; and depth, which these texts
 * do not reach.
 */
static void
compare_with_jansson(struct arena *arena, struct str text, int *good)
{
	json_error_t why;
	json_t *theirs = jansson.json_loadb_(text.data ? text.data : "",
	    text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	struct json *ours = json_read(arena, text, NULL);

	if (ours != NULL && theirs == NULL &&
	    json_error_code(&why) == json_error_numeric_overflow)
		return;
	if (theirs != NULL && ours == NULL && text.len > 0 &&
	    memchr(text.data, '\0', text.len) != NULL) {
		jansson.json_delete_(theirs);
		return;
	}
	if ((ours != NULL) != (theirs != NULL))
		fail_msg("%s, jansson says %s: %.*s",
		    ours ? "accepted" : "refused", theirs ? "yes" : why.text,
		    STR_ARG(text));
	if (ours != NULL) {
		same_value(ours, theirs);
		*good += 1;
	}
	if (theirs != NULL)
		jansson.json_delete_(theirs);
}

static void
random_texts_mean_what_jansson_reads(void **state)
{
	struct arena *arena = arena_new(65536);
	struct buf b = { 0 };
	int good = 0, all = 60000;

	(void)state;
	for (int i = 0; i < all; i++) {
		b.len = 0;
		random_value(&b, 0);
		for (unsigned n = dice(3); n > 0; n--)
			mutate(&b);
		compare_with_jansson(arena, buf_str(&b), &good);
		arena_reset(arena);
	}
	/* Both sides of the question were asked. */
	assert_true(good > all / 4 && good < all * 9 / 10);
	buf_free(&b);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_texts_mean_what_jansson_reads),
	};

	return cmocka_run_group_tests(tests, open_jansson, NULL);
}
