/*
 * test_inflate.c - what a compressed body comes to, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include <zlib.h>

#include "common/inflate.h"

/* TEXT packed; window bits 15 + 16 make gzip, 15 zlib, -15 bare deflate. */
static struct buf
packed(struct str text, int bits)
{
	z_stream s = { 0 };
	struct buf out = { 0 };

	assert_int_equal(
	    deflateInit2(&s, 9, Z_DEFLATED, bits, 9, Z_DEFAULT_STRATEGY), Z_OK);
	buf_reserve(&out, deflateBound(&s, text.len) + 64);
	s.next_in = (z_const Bytef *)text.data;
	s.avail_in = (unsigned)text.len;
	s.next_out = (Bytef *)out.data;
	s.avail_out = (unsigned)out.cap;
	assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
	out.len = out.cap - s.avail_out;
	deflateEnd(&s);
	return out;
}

#define GZIP (15 + 16)
#define ZLIB 15
#define BARE (-15)

static enum inflate_result
all(struct str body, enum inflate_format format, size_t max, struct buf *out)
{
	struct inflate *z = inflate_new();
	enum inflate_result result = inflate_all(z, format, body, max, out);

	inflate_free(z);
	return result;
}

static void
gzip_and_zlib_come_back_as_they_were(void **state)
{
	struct str text = STR("{\"site\":\"shop\"}");
	struct buf out = { 0 }, gz = packed(text, GZIP),
		   zl = packed(text, ZLIB);

	(void)state;
	assert_int_equal(
	    all(buf_str(&gz), INFLATE_GZIP, 100, &out), INFLATE_OK);
	assert_true(str_eq(buf_str(&out), text));
	assert_int_equal(
	    all(buf_str(&zl), INFLATE_ZLIB, 100, &out), INFLATE_OK);
	assert_true(str_eq(buf_str(&out), text));
	buf_free(&out);
	buf_free(&gz);
	buf_free(&zl);
}

static void
members_of_a_gzip_stream_are_joined(void **state)
{
	struct buf out = { 0 }, a = packed(STR("one,"), GZIP),
		   b = packed(STR("two"), GZIP);

	(void)state;
	buf_add_str(&a, buf_str(&b));
	assert_int_equal(all(buf_str(&a), INFLATE_GZIP, 100, &out), INFLATE_OK);
	assert_true(str_is(buf_str(&out), "one,two"));
	buf_free(&out);
	buf_free(&a);
	buf_free(&b);
}

static void
the_bound_is_exact(void **state)
{
	struct str text = STR("0123456789");
	struct buf out = { 0 }, gz = packed(text, GZIP);

	(void)state;
	assert_int_equal(all(buf_str(&gz), INFLATE_GZIP, 10, &out), INFLATE_OK);
	assert_true(str_eq(buf_str(&out), text));
	assert_int_equal(
	    all(buf_str(&gz), INFLATE_GZIP, 9, &out), INFLATE_LARGE);
	assert_int_equal(
	    all(buf_str(&gz), INFLATE_GZIP, 0, &out), INFLATE_LARGE);
	buf_free(&out);
	buf_free(&gz);
}

static void
a_stream_cut_anywhere_is_damaged(void **state)
{
	struct buf out = { 0 }, gz = packed(STR("hello, hello, hello"), GZIP);

	(void)state;
	for (size_t len = 0; len < gz.len; len++) {
		assert_int_equal(
		    all(str_make(gz.data, len), INFLATE_GZIP, 1000, &out),
		    INFLATE_DAMAGED);
	}
	buf_free(&out);
	buf_free(&gz);
}

static void
bytes_behind_the_end_are_damage(void **state)
{
	struct buf out = { 0 }, gz = packed(STR("hello"), GZIP),
		   zl = packed(STR("hello"), ZLIB);

	(void)state;
	buf_add(&gz, "\0", 1);
	buf_add(&zl, "\0", 1);
	assert_int_equal(
	    all(buf_str(&gz), INFLATE_GZIP, 100, &out), INFLATE_DAMAGED);
	assert_int_equal(
	    all(buf_str(&zl), INFLATE_ZLIB, 100, &out), INFLATE_DAMAGED);
	buf_free(&out);
	buf_free(&gz);
	buf_free(&zl);
}

static void
one_format_is_not_taken_for_another(void **state)
{
	struct buf out = { 0 }, gz = packed(STR("hello"), GZIP),
		   zl = packed(STR("hello"), ZLIB),
		   bare = packed(STR("hello"), BARE);

	(void)state;
	assert_int_equal(
	    all(buf_str(&zl), INFLATE_GZIP, 100, &out), INFLATE_DAMAGED);
	assert_int_equal(
	    all(buf_str(&gz), INFLATE_ZLIB, 100, &out), INFLATE_DAMAGED);
	assert_int_equal(
	    all(buf_str(&bare), INFLATE_ZLIB, 100, &out), INFLATE_DAMAGED);
	assert_int_equal(
	    all(STR("hello"), INFLATE_GZIP, 100, &out), INFLATE_DAMAGED);
	buf_free(&out);
	buf_free(&gz);
	buf_free(&zl);
	buf_free(&bare);
}

static void
every_flipped_bit_is_refused_or_harmless(void **state)
{
	struct str text = STR("a text that is a text that is a text");
	struct buf out = { 0 }, gz = packed(text, GZIP);

	(void)state;
	for (size_t bit = 0; bit < 8 * gz.len; bit++) {
		gz.data[bit / 8] = (char)(gz.data[bit / 8] ^ 1 << bit % 8);
		/* The header has fields that nobody checks; the text none. */
		if (all(buf_str(&gz), INFLATE_GZIP, 1000, &out) == INFLATE_OK)
			assert_true(str_eq(buf_str(&out), text));
		gz.data[bit / 8] = (char)(gz.data[bit / 8] ^ 1 << bit % 8);
	}
	buf_free(&out);
	buf_free(&gz);
}

static int64_t
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* 64 MiB of zeros in 64 KB; ten times that would only be stopped as early. */
static void
a_bomb_stops_at_the_bound(void **state)
{
	size_t len = (size_t)64 << 20, max = 65536;
	char *zeros = mem_zero(1, len);
	struct buf out = { 0 }, gz = packed(str_make(zeros, len), GZIP);
	int64_t start;

	(void)state;
	free(zeros);
	assert_true(gz.len < 70000);
	start = cpu_us();
	assert_int_equal(
	    all(buf_str(&gz), INFLATE_GZIP, max, &out), INFLATE_LARGE);
	assert_true(cpu_us() - start < 50000);
	assert_true(out.cap <= max);
	buf_free(&out);
	buf_free(&gz);
}

static void
a_stream_in_single_bytes_is_the_same(void **state)
{
	struct str text = STR("hello, hello, hello");
	struct buf gz = packed(text, GZIP), out = { 0 };
	struct inflate *z = inflate_new();
	char one;
	size_t made;

	(void)state;
	inflate_start(z, INFLATE_GZIP);
	for (size_t i = 0; i < gz.len; i++) {
		struct str in = str_make(gz.data + i, 1);
		enum inflate_step step;

		assert_false(inflate_whole(z));
		do {
			step = inflate_next(z, &in, &one, 1, &made);
			buf_add(&out, &one, made);
		} while (step == INFLATE_FULL);
		assert_int_equal(step, INFLATE_MORE);
	}
	assert_true(inflate_whole(z));
	assert_true(str_eq(buf_str(&out), text));
	inflate_free(z);
	buf_free(&out);
	buf_free(&gz);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gzip_and_zlib_come_back_as_they_were),
		cmocka_unit_test(members_of_a_gzip_stream_are_joined),
		cmocka_unit_test(the_bound_is_exact),
		cmocka_unit_test(a_stream_cut_anywhere_is_damaged),
		cmocka_unit_test(bytes_behind_the_end_are_damage),
		cmocka_unit_test(one_format_is_not_taken_for_another),
		cmocka_unit_test(every_flipped_bit_is_refused_or_harmless),
		cmocka_unit_test(a_bomb_stops_at_the_bound),
		cmocka_unit_test(a_stream_in_single_bytes_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
