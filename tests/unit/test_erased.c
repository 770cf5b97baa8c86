/* The list of the erased: its hash against published vectors, its file, and
 * what is left of a record that names one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/erased.h"

static const struct str SITE = { "shop", 4 };

/* As `openssl mac -macopt size:16 ... SIPHASH` prints them, and the reference
 * implementation's vectors_sip128. */
static void
the_keyed_hash_gives_the_published_results(void **state)
{
	static const struct {
		size_t len;
		const char *hex;
	} cases[] = { { 0, "a3817f04ba25a8e66df67214c7550293" },
		{ 1, "da87c1d86b99af44347659119b22fc45" },
		{ 7, "a1f1ebbed8dbc153c0b84aa61ff08239" },
		{ 8, "3b62a9ba6258f5610f83e264f31497b4" },
		{ 15, "5493e99933b0a8117e08ec0f97cfc3d9" },
		{ 16, "6ee2a4ca67b054bbfd3315bf85230577" },
		{ 63, "5150d1772f50834a503e069a973fbd7c" } };
	uint8_t key[DIGEST_SIPHASH_KEY];
	char data[64], hex[33];

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)i;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hash128 h =
		    digest_siphash(key, str_make(data, cases[i].len));
		uint8_t bytes[16];

		for (int k = 0; k < 8; k++) {
			bytes[k] = (uint8_t)(h.hi >> (8 * k));
			bytes[8 + k] = (uint8_t)(h.lo >> (8 * k));
		}
		digest_hex(bytes, sizeof(bytes), hex);
		assert_string_equal(hex, cases[i].hex);
	}
}

static struct hash128
key_of(enum person_kind kind, const char *id)
{
	return person_key(kind, SITE, str_of(id));
}

static void
list(struct erased *e, enum person_kind kind, const char *id)
{
	assert_true(erased_add(e, erased_entry(e, key_of(kind, id))));
}

static struct erased *
with_secret(void)
{
	struct erased *e = erased_new();

	erased_make_secret(e);
	return e;
}

static void
a_list_is_the_same_after_its_file(void **state)
{
	char name[] = "/tmp/test-erased-XXXXXX";
	int fd = mkstemp(name);
	struct erased *e = with_secret(), *back;
	struct stat about;
	struct error err;
	char id[16];

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	unlink(name);
	back = erased_load(name, &err);
	assert_non_null(back); /* nobody was erased */
	assert_false(erased_has_secret(back));
	assert_int_equal(erased_count(back), 0);
	erased_free(back);
	for (int i = 0; i < 5000; i++) {
		snprintf(id, sizeof(id), "v%d", i);
		list(e, PERSON_VISITOR, id);
	}
	assert_false(
	    erased_add(e, erased_entry(e, key_of(PERSON_VISITOR, "v77"))));
	assert_true(erased_save(e, name, &err));
	assert_int_equal(stat(name, &about), 0);
	assert_int_equal(about.st_mode & 07, 0);
	back = erased_load(name, &err);
	assert_non_null(back);
	assert_int_equal(erased_count(back), 5000);
	for (int i = 0; i < 5000; i++) {
		snprintf(id, sizeof(id), "v%d", i);
		assert_true(erased_has(back, key_of(PERSON_VISITOR, id)));
		assert_false(erased_has(back, key_of(PERSON_USER, id)));
	}
	assert_int_equal(erased_fingerprint(back).hi, erased_fingerprint(e).hi);
	/* Another secret knows nobody. */
	erased_free(e);
	e = with_secret();
	assert_false(erased_has(e, key_of(PERSON_VISITOR, "v77")));
	assert_int_not_equal(
	    erased_fingerprint(back).hi, erased_fingerprint(e).hi);
	erased_free(e);
	erased_free(back);
	unlink(name);
}

static void
refused(const char *text, const char *why)
{
	char name[] = "/tmp/test-erased-XXXXXX";
	int fd = mkstemp(name);
	struct error err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	assert_null(erased_load(name, &err));
	assert_int_equal(err.kind, ERROR_FATAL);
	assert_non_null(strstr(err.text, name));
	if (strstr(err.text, why) == NULL)
		fail_msg("%s", err.text);
	unlink(name);
}

#define HEAD "afterclick erased 1\n"
#define SECRET                                                                 \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"

static void
a_damaged_file_is_refused_with_its_line(void **state)
{
	(void)state;
	refused("", "cut off before its secret");
	refused(HEAD, "cut off before its secret");
	refused("afterclick erased 2\n" SECRET, ":1: not a list");
	refused(HEAD "00\n", ":2: not a list");
	refused(HEAD SECRET "0011\n", ":3: not a list");
	refused(HEAD SECRET "00112233445566778899aabbccddeeff\n\n00\n",
	    ":4: not a list");
}

static void
a_record_that_names_one_is_told_from_others(void **state)
{
	struct erased *e = with_secret();
	struct record r = { .site = SITE };

	(void)state;
	assert_false(erased_names(NULL, &r));
	assert_false(erased_names(e, &r));
	list(e, PERSON_VISITOR, "v");
	list(e, PERSON_USER, "u");
	list(e, PERSON_ORDER, "o");
	list(e, PERSON_EMAIL, "e");
	list(e, PERSON_PHONE, "p");
	list(e, PERSON_CLICK, "gclid=c");
	assert_false(erased_names(e, &r));
#define NAMES(field, id)                                                       \
	assert_true(erased_names(                                              \
	    e, &(struct record){ .site = SITE, .field = STR(id) }))
	NAMES(visitor_id, "v");
	NAMES(user_id, "u");
	NAMES(order_id, "o");
	NAMES(email_sha256, "e");
	NAMES(email_google_sha256, "e");
	NAMES(phone_sha256, "p");
	NAMES(phone_digits_sha256, "p");
	NAMES(click_id, "gclid=c");
	/* A link with a click id is passed on: another's hit is another's. */
	r.click_id = STR("gclid=c");
	r.visitor_id = STR("w");
	assert_false(erased_names(e, &r));
	r = (struct record){ .site = STR("other"), .visitor_id = STR("v") };
	assert_false(erased_names(e, &r));
	erased_free(e);
}

static void
what_is_left_of_a_record_leads_to_nobody(void **state)
{
	struct arena *arena = arena_new(4096);
	struct erased *e = with_secret();
	struct str same, other;
	struct record r;

	(void)state;
	memset(&r, 0, sizeof(r));
	for (size_t i = 0; i < RECORD_FIELD_COUNT; i++) {
		char *at = (char *)&r + record_fields[i].offset;

		if (record_fields[i].is_text)
			*(struct str *)at = STR("PLANTED");
		else
			*(int64_t *)at = 7;
	}
	r.type = STR("conversion");
	r.site = SITE;
	erased_strip(e, &r, arena);
	for (size_t i = 0; i < RECORD_FIELD_COUNT; i++) {
		static const enum record_field kept[] = { RECORD_lane,
			RECORD_user_agent, RECORD_purpose, RECORD_name,
			RECORD_goal, RECORD_value, RECORD_currency,
			RECORD_new_customer, RECORD_consent, RECORD_spool_id };
		bool stays = false;

		if (!record_fields[i].is_text)
			continue;
		for (size_t k = 0; k < sizeof(kept) / sizeof(kept[0]); k++)
			stays = stays || i == kept[k];
		assert_int_equal(
		    str_is(
			*(struct str *)((char *)&r + record_fields[i].offset),
			"PLANTED"),
		    stays);
	}
	assert_int_equal(r.session_start, 0);
	assert_int_equal(r.time, 7);
	/* An order and its refund still name one order, on this site. */
	same = erased_alias(e, SITE, STR("PLANTED"), arena);
	other = erased_alias(e, STR("b"), STR("PLANTED"), arena);
	assert_true(erased_is_alias(r.event_id));
	assert_true(str_eq(r.order_id, same) && str_eq(r.refund_id, same));
	assert_false(str_eq(same, other));
	assert_true(str_eq(erased_alias(e, SITE, same, arena), same));
	assert_int_equal(erased_alias(e, SITE, STR_EMPTY, arena).len, 0);
	assert_true(same.len <= record_fields[RECORD_event_id].max);
	erased_free(e);
	arena_free(arena);
}

static void
ids_are_found_in_what_is_no_record(void **state)
{
	struct erased *e = with_secret();
	const struct str sites[] = { STR("other"), SITE };

	(void)state;
	list(e, PERSON_USER, "jo doe");
	list(e, PERSON_VISITOR, "v-1");
	assert_true(
	    erased_in_text(e, sites, 2, STR("{\"visitor_id\":\"v-1\"")));
	assert_true(erased_in_text(e, sites, 2, STR("a v-1")));
	assert_true(erased_in_text(e, sites, 2, STR("{\"u\":\"jo doe\",\"")));
	assert_false(erased_in_text(e, sites, 2, STR("{\"v-11\":\"v-1x\"}")));
	assert_false(erased_in_text(e, sites, 1, STR("a v-1")));
	assert_false(erased_in_text(e, sites, 2, STR_EMPTY));
	erased_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_keyed_hash_gives_the_published_results),
		cmocka_unit_test(a_list_is_the_same_after_its_file),
		cmocka_unit_test(a_damaged_file_is_refused_with_its_line),
		cmocka_unit_test(a_record_that_names_one_is_told_from_others),
		cmocka_unit_test(what_is_left_of_a_record_leads_to_nobody),
		cmocka_unit_test(ids_are_found_in_what_is_no_record),
	};

	return cmocka_run_group_tests_name("erased", tests, NULL, NULL);
}
