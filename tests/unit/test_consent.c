/*
 * test_consent.c - what is denied is not in the record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "collector/consent.h"

static struct record
full_record(void)
{
	return (struct record){
		.type = STR("page"),
		.site = STR("shop"),
		.visitor_id = STR("v"),
		.session_id = STR("s"),
		.session_start = 1,
		.user_id = STR("u"),
		.url = STR("https://s.example/?utm_source=n&gclid=G1"),
		.referrer = STR("https://s.example/a?fbclid=F1"),
		.user_agent = STR("agent"),
		.ip = STR("203.0.113.0"),
		.screen = STR("1x1"),
		.language = STR("de"),
		.items = STR("[]"),
		.props = STR("{}"),
		.click_id = STR("gclid=G2"),
		.order_id = STR("o"),
		.value = STR("1"),
		.email_sha256 = STR("e"),
		.phone_sha256 = STR("p"),
		.email_google_sha256 = STR("g"),
		.phone_digits_sha256 = STR("d"),
	};
}

static bool
kept(struct str text)
{
	return text.len > 0;
}

/* The whole truth table: granted, denied, unknown for each purpose. */
static void
all_81_combinations_keep_what_they_allow(void **state)
{
	static const char letters[] = "gdu";
	struct arena *arena = arena_new(1024);

	(void)state;
	for (int n = 0; n < 81; n++) {
		const char text[] = { letters[n % 3], letters[n / 3 % 3],
			letters[n / 9 % 3], letters[n / 27] };
		bool ads = text[0] != 'd', analytics = text[1] != 'd',
		     user_data = text[2] != 'd';
		struct record r = full_record();
		struct consent c;

		assert_true(consent_letters(&c, str_make(text, 4)));
		consent_apply(&c, &r, arena);
		assert_true(str_eq(r.consent, str_make(text, 4)));
		assert_int_equal(kept(r.visitor_id), analytics);
		assert_int_equal(kept(r.session_id), analytics);
		assert_int_equal(r.session_start != 0, analytics);
		assert_int_equal(kept(r.user_id), analytics);
		assert_int_equal(kept(r.ip), analytics);
		assert_int_equal(kept(r.user_agent), analytics);
		assert_int_equal(kept(r.screen), analytics);
		assert_int_equal(kept(r.language), analytics);
		assert_int_equal(kept(r.items), analytics);
		assert_int_equal(kept(r.props), analytics);
		assert_int_equal(kept(r.click_id), analytics && ads);
		assert_int_equal(kept(r.email_sha256), analytics && user_data);
		assert_int_equal(kept(r.phone_sha256), analytics && user_data);
		assert_int_equal(
		    kept(r.email_google_sha256), analytics && user_data);
		assert_int_equal(
		    kept(r.phone_digits_sha256), analytics && user_data);
		assert_int_equal(
		    str_find(r.url, STR("G1")) >= 0, analytics && ads);
		assert_int_equal(
		    str_find(r.referrer, STR("F1")) >= 0, analytics && ads);
		assert_true(str_find(r.url, STR("utm_source=n")) > 0);
		assert_true(str_is(r.order_id, "o"));
		assert_true(str_is(r.value, "1"));
	}
	arena_free(arena);
}

static void
gpc_denies_every_advertising_purpose(void **state)
{
	struct consent c;

	(void)state;
	assert_true(consent_letters(&c, STR("gggg")));
	consent_gpc(&c);
	assert_memory_equal(c.letter, "dgdd", 4);
	c = consent_unknown;
	consent_gpc(&c);
	assert_memory_equal(c.letter, "dudd", 4);
}

static void
purposes_are_set_by_word(void **state)
{
	struct consent c = consent_unknown;

	(void)state;
	assert_int_equal(consent_find(STR("ad_storage")), CONSENT_AD_STORAGE);
	assert_int_equal(consent_find(STR("ad_personalization")),
	    CONSENT_AD_PERSONALIZATION);
	assert_int_equal(consent_find(STR("ads")), -1);
	assert_true(consent_set(&c, CONSENT_ANALYTICS_STORAGE, STR("granted")));
	assert_true(consent_set(&c, CONSENT_AD_USER_DATA, STR("denied")));
	assert_memory_equal(c.letter, "ugdu", 4);
	assert_false(consent_set(&c, CONSENT_AD_STORAGE, STR("yes")));
	assert_false(consent_set(&c, CONSENT_AD_STORAGE, STR("")));
	assert_memory_equal(c.letter, "ugdu", 4);
}

static void
letters_are_four_and_known(void **state)
{
	struct consent c = consent_unknown;

	(void)state;
	assert_true(consent_letters(&c, STR("gdug")));
	assert_false(consent_letters(&c, STR("gdu")));
	assert_false(consent_letters(&c, STR("gdugg")));
	assert_false(consent_letters(&c, STR("gdux")));
	assert_memory_equal(c.letter, "gdug", 4);
}

static void
expect_strip(const char *url, const char *left)
{
	struct arena *arena = arena_new(256);
	struct str out = consent_strip(str_of(url), arena);

	assert_int_equal(out.len, strlen(left));
	assert_memory_equal(out.data, left, out.len);
	arena_free(arena);
}

static void
click_ids_leave_the_url_and_nothing_else(void **state)
{
	(void)state;
	expect_strip("https://s.example/", "https://s.example/");
	expect_strip("https://s.example/?a=1", "https://s.example/?a=1");
	expect_strip("https://s.example/?gclid=X", "https://s.example/");
	expect_strip(
	    "https://s.example/?gclid=X&a=1", "https://s.example/?a=1");
	expect_strip(
	    "https://s.example/?a=1&gclid=X", "https://s.example/?a=1");
	expect_strip(
	    "https://s.example/?a=1&gclid=X&b=2", "https://s.example/?a=1&b=2");
	expect_strip("https://s.example/?gclid=X&fbclid=Y&b=2&msclkid=Z",
	    "https://s.example/?b=2");
	expect_strip(
	    "https://s.example/?gclid=X#top", "https://s.example/#top");
	expect_strip(
	    "https://s.example/#gclid=X&a=1", "https://s.example/#a=1");
	expect_strip("https://s.example/?GCLID=X&a", "https://s.example/?a");
	expect_strip("https://s.example/?g%63lid=X&a", "https://s.example/?a");
	expect_strip(
	    "https://s.example/?agclid=X", "https://s.example/?agclid=X");
	expect_strip("https://s.example/gclid=X", "https://s.example/gclid=X");
	expect_strip("https://s.example/?gclid", "https://s.example/");
	expect_strip("?;&&gclid=1", "?;&");
	expect_strip("", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_81_combinations_keep_what_they_allow),
		cmocka_unit_test(gpc_denies_every_advertising_purpose),
		cmocka_unit_test(purposes_are_set_by_word),
		cmocka_unit_test(letters_are_four_and_known),
		cmocka_unit_test(click_ids_leave_the_url_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
