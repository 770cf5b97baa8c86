/*
 * test_server_api.c - the signature of the server lane.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "collector/server_api.h"
#include "common/digest.h"

#define NOW 1700000000
#define BODY "{\"events\":[{\"site\":\"shop\"}]}"

static char *keys_text[] = { (char *)"first-key-of-the-site",
	(char *)"second-key-of-the-site" };
static const struct texts keys = { keys_text, 2 };

/* Writes a header that signs BODY at T with KEY. */
static struct str
sign(char *out, size_t room, const char *key, const char *t, const char *body)
{
	char text[512], hex[2 * SHA256_BYTES + 1];
	uint8_t mac[SHA256_BYTES];
	int len = snprintf(text, sizeof(text), "%s.%s", t, body);

	digest_hmac_sha256(str_of(key), str_make(text, (size_t)len), mac);
	digest_hex(mac, sizeof(mac), hex);
	len = snprintf(out, room, "t=%s,v1=%s", t, hex);
	return str_make(out, (size_t)len);
}

static bool
good(struct str header, const char *body, int64_t now_s)
{
	return server_api_verify(header, str_of(body), &keys, now_s) == NULL;
}

static void
a_signature_by_any_key_of_the_site_is_good(void **state)
{
	char text[256];

	(void)state;
	for (size_t i = 0; i < keys.count; i++) {
		assert_true(good(
		    sign(text, sizeof(text), keys.at[i], "1700000000", BODY),
		    BODY, NOW));
	}
	assert_false(
	    good(sign(text, sizeof(text), "another-key", "1700000000", BODY),
		BODY, NOW));
	assert_false(
	    good(sign(text, sizeof(text), "", "1700000000", BODY), BODY, NOW));
}

/* The same by hand: printf '%s' '1700000000.{}' | openssl dgst -sha256
 * -hmac first-key-of-the-site */
static void
a_signature_made_elsewhere_is_good(void **state)
{
	(void)state;
	assert_true(good(STR("t=1700000000,v1="
			     "422f2fd9ece71185de2d6bed4f160f1ba1a57fe3f426db537"
			     "d11df70e883bc71"),
	    "{}", NOW));
}

static void
a_signature_holds_for_300_seconds_around_its_time(void **state)
{
	char text[256];
	struct str header =
	    sign(text, sizeof(text), keys.at[0], "1700000000", BODY);

	(void)state;
	assert_true(good(header, BODY, NOW + 300));
	assert_false(good(header, BODY, NOW + 301));
	assert_true(good(header, BODY, NOW - 300));
	assert_false(good(header, BODY, NOW - 301));
}

static void
every_flipped_bit_of_the_signature_makes_it_wrong(void **state)
{
	char text[256], copy[256];
	struct str header =
	    sign(text, sizeof(text), keys.at[0], "1700000000", BODY);
	size_t start = header.len - 2 * SHA256_BYTES;

	(void)state;
	for (size_t bit = 0; bit < 8 * SHA256_BYTES; bit++) {
		uint8_t mac[SHA256_BYTES];

		memcpy(copy, header.data, header.len);
		assert_true(
		    digest_unhex(str_from(header, start), mac, sizeof(mac)));
		mac[bit / 8] ^= (uint8_t)(1u << bit % 8);
		digest_hex(mac, sizeof(mac), copy + start);
		assert_false(good(str_make(copy, header.len), BODY, NOW));
	}
}

static void
every_changed_byte_of_the_body_makes_it_wrong(void **state)
{
	char text[256], body[] = BODY;
	struct str header =
	    sign(text, sizeof(text), keys.at[0], "1700000000", BODY);

	(void)state;
	for (size_t i = 0; i < sizeof(body) - 1; i++) {
		body[i] ^= 1;
		assert_false(good(header, body, NOW));
		body[i] ^= 1;
	}
	assert_true(good(header, body, NOW));
	assert_false(good(header, BODY " ", NOW));
	assert_false(good(header, "", NOW));
}

static void
the_time_is_signed_as_well(void **state)
{
	char text[256];
	struct str header =
	    sign(text, sizeof(text), keys.at[0], "1700000000", BODY);

	(void)state;
	text[2 + 9] = '1'; /* t=1700000001 */
	assert_false(good(header, BODY, NOW));
}

static void
one_good_signature_of_several_is_enough(void **state)
{
	char text[256], both[512];
	struct str header =
	    sign(text, sizeof(text), keys.at[1], "1700000000", BODY);
	int len = snprintf(both, sizeof(both),
	    "t=1700000000, v1=%064d, v0=ignored, %s", 0, text + 13);

	(void)header;
	(void)state;
	assert_true(good(str_make(both, (size_t)len), BODY, NOW));
}

static void
a_header_that_is_not_a_signature_is_refused(void **state)
{
	static const char *const wrong[] = { "", "t=1700000000", "v1=00",
		"t=1700000000,v1=", "t=x,v1=", "t=1700000000,v1=zz",
		"t=1700000000,v2=0000000000000000000000000000000000000000"
		"000000000000000000000000",
		"t=,v1=0000000000000000000000000000000000000000"
		"000000000000000000000000",
		"t=-1,v1=0000000000000000000000000000000000000000"
		"000000000000000000000000",
		"t=99999999999999999999,v1=0000000000000000000000000000000000"
		"000000000000000000000000000000",
		",,,", "=" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(good(str_of(wrong[i]), BODY, NOW));
}

static void
no_key_or_an_empty_one_accepts_nothing(void **state)
{
	char text[256], *empty = (char *)"";
	struct texts none = { NULL, 0 }, one = { &empty, 1 };
	struct str header = sign(text, sizeof(text), "", "1700000000", BODY);

	(void)state;
	assert_non_null(server_api_verify(header, str_of(BODY), &none, NOW));
	assert_non_null(server_api_verify(header, str_of(BODY), &one, NOW));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_by_any_key_of_the_site_is_good),
		cmocka_unit_test(a_signature_made_elsewhere_is_good),
		cmocka_unit_test(
		    a_signature_holds_for_300_seconds_around_its_time),
		cmocka_unit_test(
		    every_flipped_bit_of_the_signature_makes_it_wrong),
		cmocka_unit_test(every_changed_byte_of_the_body_makes_it_wrong),
		cmocka_unit_test(the_time_is_signed_as_well),
		cmocka_unit_test(one_good_signature_of_several_is_enough),
		cmocka_unit_test(a_header_that_is_not_a_signature_is_refused),
		cmocka_unit_test(no_key_or_an_empty_one_accepts_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
