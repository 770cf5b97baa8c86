/* Hashes against published vectors, encodings there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "common/digest.h"

static struct str
repeated(char *out, char c, size_t n)
{
	memset(out, c, n);
	return str_make(out, n);
}

static void
expect_hmac(struct str key, struct str data, const char *hex)
{
	uint8_t out[SHA256_BYTES];
	char text[2 * SHA256_BYTES + 1];

	digest_hmac_sha256(key, data, out);
	digest_hex(out, sizeof(out), text);
	assert_string_equal(text, hex);
}

/* RFC 4231, cases 1 to 4, 6 and 7. */
static void
hmac_gives_the_published_results(void **state)
{
	char key[256], data[256];

	(void)state;
	/* Twice around: the second time other keys were in between. */
	for (int round = 0; round < 2; round++) {
		expect_hmac(repeated(key, 0x0b, 20), STR("Hi There"),
		    "b0344c61d8db38535ca8afceaf0bf12b"
		    "881dc200c9833da726e9376c2e32cff7");
		expect_hmac(STR("Jefe"), STR("what do ya want for nothing?"),
		    "5bdcc146bf60754e6a042426089575c7"
		    "5a003f089d2739839dec58b964ec3843");
		expect_hmac(repeated(key, (char)0xaa, 20),
		    repeated(data, (char)0xdd, 50),
		    "773ea91e36800e46854db8ebd09181a7"
		    "2959098b3ef8c122d9635514ced565fe");
		for (int i = 0; i < 25; i++)
			key[i] = (char)(i + 1);
		expect_hmac(str_make(key, 25), repeated(data, (char)0xcd, 50),
		    "82558a389a443c0ea4cc819899f2083a"
		    "85f0faa3e578f8077a2e3ff46729665b");
		expect_hmac(repeated(key, (char)0xaa, 131),
		    STR("Test Using Larger Than Block-Size Key - "
			"Hash Key First"),
		    "60e431591ee0b67f0d8a26aacbf5b77f"
		    "8e0bc6213728c5140546040f0ee37f54");
		expect_hmac(repeated(key, (char)0xaa, 131),
		    STR("This is a test using a larger than block-size key and "
			"a larger than block-size data. The key needs to be "
			"hashed before being used by the HMAC algorithm."),
		    "9b09ffa71b942fcb27635fbcd5b0e944"
		    "bfdc63644f0713938a7f51535c3a35e2");
	}
}

static void
sha256_gives_the_published_results(void **state)
{
	uint8_t out[SHA256_BYTES];
	char text[2 * SHA256_BYTES + 1];

	(void)state;
	digest_sha256(STR_EMPTY, out);
	digest_hex(out, sizeof(out), text);
	assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb924"
				  "27ae41e4649b934ca495991b7852b855");
	digest_sha256(STR("abc"), out);
	digest_hex(out, sizeof(out), text);
	assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223"
				  "b00361a396177a9cb410ff61f20015ad");
}

/* RFC 3720, B.4. */
static void
crc32c_gives_the_published_results_in_any_cut(void **state)
{
	char bytes[32];

	(void)state;
	assert_int_equal(digest_crc32c(0, "123456789", 9), 0xe3069283u);
	memset(bytes, 0, 32);
	assert_int_equal(digest_crc32c(0, bytes, 32), 0x8a9136aau);
	memset(bytes, 0xff, 32);
	assert_int_equal(digest_crc32c(0, bytes, 32), 0x62a8ab43u);
	for (int i = 0; i < 32; i++)
		bytes[i] = (char)i;
	for (size_t cut = 0; cut <= 32; cut++)
		assert_int_equal(digest_crc32c(digest_crc32c(0, bytes, cut),
				     bytes + cut, 32 - cut),
		    0x46dd794eu);
}

static void
hex_goes_there_and_back(void **state)
{
	uint8_t bytes[256], again[256];
	char text[513];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	digest_hex(bytes, 256, text);
	assert_true(digest_unhex(str_of(text), again, 256));
	assert_memory_equal(bytes, again, 256);
	assert_true(digest_unhex(STR("Ff"), again, 1));
	assert_int_equal(again[0], 255);
	assert_false(digest_unhex(STR("f"), again, 1));
	assert_false(digest_unhex(STR("fg"), again, 1));
	assert_false(digest_unhex(STR("fff"), again, 1));
}

/* RFC 4648, 10, without padding, and the two characters of the URL form. */
static void
base64url_gives_the_published_results(void **state)
{
	static const struct {
		const char *in, *out;
	} vectors[] = { { "", "" }, { "f", "Zg" }, { "fo", "Zm8" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy" }, { "\xfb\xff\xfe", "-__-" } };
	char out[DIGEST_BASE64_MAX(8)];

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		size_t len =
		    digest_base64url(vectors[i].in, strlen(vectors[i].in), out);

		assert_string_equal(out, vectors[i].out);
		assert_int_equal(len, strlen(vectors[i].out));
	}
}

/* Processor time of comparing two megabytes, the least of several. */
static int64_t
compare_ns(const char *a, const char *b, size_t len)
{
	int64_t least = INT64_MAX;

	for (int i = 0; i < 15; i++) {
		struct timespec t;
		int64_t begin;

		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
		begin = t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
		assert_false(digest_equal(a, b, len));
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
		begin = t.tv_sec * INT64_C(1000000000) + t.tv_nsec - begin;
		least = begin < least ? begin : least;
	}
	return least;
}

/* memcmp() would be done with the first pair a thousand times sooner. */
static void
where_two_secrets_differ_takes_no_time_to_tell(void **state)
{
	const size_t len = 2 << 20;
	char *a = calloc(1, len), *b = calloc(1, len);
	int64_t first, last;

	(void)state;
	b[0] = 1;
	first = compare_ns(a, b, len);
	b[0] = 0;
	b[len - 1] = 1;
	last = compare_ns(a, b, len);
	b[len - 1] = 0;
	assert_true(digest_equal(a, b, len));
	assert_true(first > last / 3 && last > first / 3);
	free(a);
	free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmac_gives_the_published_results),
		cmocka_unit_test(sha256_gives_the_published_results),
		cmocka_unit_test(crc32c_gives_the_published_results_in_any_cut),
		cmocka_unit_test(
		    where_two_secrets_differ_takes_no_time_to_tell),
		cmocka_unit_test(hex_goes_there_and_back),
		cmocka_unit_test(base64url_gives_the_published_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
