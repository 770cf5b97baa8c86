/*
 * test_link.c - where a click redirect may lead, and where never.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "common/link.h"

static char *names[] = { (char *)"good.example", (char *)"shop.example" };
static const struct texts hosts = { names, 2 };

/* Each would lead elsewhere, or is read in several ways: none is taken as
 * an address of the listed hosts. */
static const struct str confusions[] = {
	STR("https:good.example"),
	STR("https:/good.example"),
	STR("https:///good.example"),
	STR("https:////good.example"),
	STR("https:\\\\good.example"),
	STR("https:\\good.example"),
	STR("https:/\\good.example"),
	STR("https:\\/good.example"),
	STR("http://good.example"),
	STR("HTTP://good.example"),
	STR("ftp://good.example"),
	STR("//good.example"),
	STR("///good.example"),
	STR("\\\\good.example"),
	STR("/\\good.example"),
	STR("/good.example"),
	STR("good.example"),
	STR("javascript:good.example"),
	STR("JavaScript:good.example"),
	STR("data:good.example"),
	STR("vbscript:good.example"),
	STR("file://good.example"),
	STR("blob:https://good.example"),
	STR("view-source:https://good.example"),
	STR("about:good.example"),
	STR("ws://good.example"),
	STR("wss://good.example"),
	STR("gopher://good.example"),
	STR("mailto:good.example"),
	STR("tel:good.example"),
	STR("ht\ttps://good.example"),
	STR("h\nttps://good.example"),
	STR(" https://good.example"),
	STR("\thttps://good.example"),
	STR("\0https://good.example"),
	STR("\x01https://good.example"),
	STR("\x0bhttps://good.example"),
	STR("\xc2\xa0https://good.example"),
	STR("\xef\xbb\xbfhttps://good.example"),
	STR("https ://good.example"),
	STR("https:// good.example"),
	STR("https://\tgood.example"),
	STR("https://\ngood.example"),
	STR("https://\r\ngood.example"),
	STR("https%3a//good.example"),
	STR("https:%2f%2fgood.example"),
	STR("https&#58;//good.example"),
	STR("intent://good.example"),
	STR("https;//good.example"),
	STR("https//good.example"),
	STR("httpss://good.example"),
	STR("xhttps://good.example"),
	STR("https::// good.example"),
	STR("url:https://good.example"),
	STR("https://good.example@evil.example"),
	STR("https://evil.example@good.example"),
	STR("https://good.example:@evil.example"),
	STR("https://evil.example:@good.example"),
	STR("https://good.example:80@evil.example"),
	STR("https://evil.example:80@good.example"),
	STR("https://good.example:x@evil.example"),
	STR("https://evil.example:x@good.example"),
	STR("https://good.example%40evil.example"),
	STR("https://evil.example%40good.example"),
	STR("https://good.example%2540evil.example"),
	STR("https://evil.example%2540good.example"),
	STR("https://good.example@@evil.example"),
	STR("https://evil.example@@good.example"),
	STR("https://good.example\\@evil.example"),
	STR("https://evil.example\\@good.example"),
	STR("https://evil.example/@good.example"),
	STR("https://evil.example?@good.example"),
	STR("https://evil.example#@good.example"),
	STR("https://good.example&@evil.example"),
	STR("https://evil.example&@good.example"),
	STR("https://good.example;@evil.example"),
	STR("https://evil.example;@good.example"),
	STR("https://good.example,@evil.example"),
	STR("https://evil.example,@good.example"),
	STR("https://good.example!@evil.example"),
	STR("https://evil.example!@good.example"),
	STR("https://good.example$@evil.example"),
	STR("https://evil.example$@good.example"),
	STR("https://good.example*@evil.example"),
	STR("https://evil.example*@good.example"),
	STR("https://good.example'@evil.example"),
	STR("https://evil.example'@good.example"),
	STR("https://good.example(@evil.example"),
	STR("https://evil.example(@good.example"),
	STR("https://good.example)@evil.example"),
	STR("https://evil.example)@good.example"),
	STR("https://good.example+@evil.example"),
	STR("https://evil.example+@good.example"),
	STR("https://good.example=@evil.example"),
	STR("https://evil.example=@good.example"),
	STR("https://good.example~@evil.example"),
	STR("https://evil.example~@good.example"),
	STR("https://good.example\\.evil.example"),
	STR("https://good.example\\evil.example"),
	STR("https://evil.example\\good.example"),
	STR("https://good.example%5c.evil.example"),
	STR("https://good.example%5cevil.example"),
	STR("https://evil.example%5cgood.example"),
	STR("https://good.example%2f.evil.example"),
	STR("https://good.example%2fevil.example"),
	STR("https://evil.example%2fgood.example"),
	STR("https://good.example%23.evil.example"),
	STR("https://good.example%23evil.example"),
	STR("https://evil.example%23good.example"),
	STR("https://good.example%3f.evil.example"),
	STR("https://good.example%3fevil.example"),
	STR("https://evil.example%3fgood.example"),
	STR("https://good.example%00.evil.example"),
	STR("https://good.example%00evil.example"),
	STR("https://evil.example%00good.example"),
	STR("https://good.example\t.evil.example"),
	STR("https://good.example\tevil.example"),
	STR("https://evil.example\tgood.example"),
	STR("https://good.example\n.evil.example"),
	STR("https://good.example\nevil.example"),
	STR("https://evil.example\ngood.example"),
	STR("https://good.example\r.evil.example"),
	STR("https://good.example\revil.example"),
	STR("https://evil.example\rgood.example"),
	STR("https://good.example .evil.example"),
	STR("https://good.example evil.example"),
	STR("https://evil.example good.example"),
	STR("https://good.example%20.evil.example"),
	STR("https://good.example%20evil.example"),
	STR("https://evil.example%20good.example"),
	STR("https://good.example\x0b.evil.example"),
	STR("https://good.example\x0b"
	    "evil.example"),
	STR("https://evil.example\x0bgood.example"),
	STR("https://good.example\x0c.evil.example"),
	STR("https://good.example\x0c"
	    "evil.example"),
	STR("https://evil.example\x0cgood.example"),
	STR("https://good.example\x7f.evil.example"),
	STR("https://good.example\x7f"
	    "evil.example"),
	STR("https://evil.example\x7fgood.example"),
	STR("https://good.example\x1b.evil.example"),
	STR("https://good.example\x1b"
	    "evil.example"),
	STR("https://evil.example\x1bgood.example"),
	STR("https://good.example\xc2\xa0.evil.example"),
	STR("https://good.example\xc2\xa0"
	    "evil.example"),
	STR("https://evil.example\xc2\xa0good.example"),
	STR("https://good.example\xe3\x80\x82.evil.example"),
	STR("https://good.example\xe3\x80\x82"
	    "evil.example"),
	STR("https://evil.example\xe3\x80\x82good.example"),
	STR("https://good.example\xef\xbc\x8e.evil.example"),
	STR("https://good.example\xef\xbc\x8e"
	    "evil.example"),
	STR("https://evil.example\xef\xbc\x8egood.example"),
	STR("https://good.example\xef\xbd\xa1.evil.example"),
	STR("https://good.example\xef\xbd\xa1"
	    "evil.example"),
	STR("https://evil.example\xef\xbd\xa1good.example"),
	STR("https://good.example\xef\xbc\x8f.evil.example"),
	STR("https://good.example\xef\xbc\x8f"
	    "evil.example"),
	STR("https://evil.example\xef\xbc\x8fgood.example"),
	STR("https://good.example\xe2\x88\x95.evil.example"),
	STR("https://good.example\xe2\x88\x95"
	    "evil.example"),
	STR("https://evil.example\xe2\x88\x95good.example"),
	STR("https://good.example\xe2\x81\x84.evil.example"),
	STR("https://good.example\xe2\x81\x84"
	    "evil.example"),
	STR("https://evil.example\xe2\x81\x84good.example"),
	STR("https://good.example\xef\xbc\xa0.evil.example"),
	STR("https://good.example\xef\xbc\xa0"
	    "evil.example"),
	STR("https://evil.example\xef\xbc\xa0good.example"),
	STR("https://good.example\xef\xbc\x9f.evil.example"),
	STR("https://good.example\xef\xbc\x9f"
	    "evil.example"),
	STR("https://evil.example\xef\xbc\x9fgood.example"),
	STR("https://good.example\xef\xbc\x83.evil.example"),
	STR("https://good.example\xef\xbc\x83"
	    "evil.example"),
	STR("https://evil.example\xef\xbc\x83good.example"),
	STR("https://good.example\xef\xbc\x9a.evil.example"),
	STR("https://good.example\xef\xbc\x9a"
	    "evil.example"),
	STR("https://evil.example\xef\xbc\x9agood.example"),
	STR("https://good.example\xe2\x80\x8b.evil.example"),
	STR("https://good.example\xe2\x80\x8b"
	    "evil.example"),
	STR("https://evil.example\xe2\x80\x8bgood.example"),
	STR("https://good.example\xc2\xad.evil.example"),
	STR("https://good.example\xc2\xad"
	    "evil.example"),
	STR("https://evil.example\xc2\xadgood.example"),
	STR("https://good.example\xef\xbb\xbf.evil.example"),
	STR("https://good.example\xef\xbb\xbf"
	    "evil.example"),
	STR("https://evil.example\xef\xbb\xbfgood.example"),
	STR("https://good.example\xe2\x80\xae.evil.example"),
	STR("https://good.example\xe2\x80\xae"
	    "evil.example"),
	STR("https://evil.example\xe2\x80\xaegood.example"),
	STR("https://good.example\xff.evil.example"),
	STR("https://good.example\xff"
	    "evil.example"),
	STR("https://evil.example\xffgood.example"),
	STR("https://good.example\xc0\xaf.evil.example"),
	STR("https://good.example\xc0\xaf"
	    "evil.example"),
	STR("https://evil.example\xc0\xafgood.example"),
	STR("https://good.example\xed\xa0\x80.evil.example"),
	STR("https://good.example\xed\xa0\x80"
	    "evil.example"),
	STR("https://evil.example\xed\xa0\x80good.example"),
	STR("https://good.example<.evil.example"),
	STR("https://good.example<evil.example"),
	STR("https://evil.example<good.example"),
	STR("https://good.example>.evil.example"),
	STR("https://good.example>evil.example"),
	STR("https://evil.example>good.example"),
	STR("https://good.example\".evil.example"),
	STR("https://good.example\"evil.example"),
	STR("https://evil.example\"good.example"),
	STR("https://good.example`.evil.example"),
	STR("https://good.example`evil.example"),
	STR("https://evil.example`good.example"),
	STR("https://good.example{.evil.example"),
	STR("https://good.example{evil.example"),
	STR("https://evil.example{good.example"),
	STR("https://good.example}.evil.example"),
	STR("https://good.example}evil.example"),
	STR("https://evil.example}good.example"),
	STR("https://good.example|.evil.example"),
	STR("https://good.example|evil.example"),
	STR("https://evil.example|good.example"),
	STR("https://good.example^.evil.example"),
	STR("https://good.example^evil.example"),
	STR("https://evil.example^good.example"),
	STR("https://good.example[.evil.example"),
	STR("https://good.example[evil.example"),
	STR("https://evil.example[good.example"),
	STR("https://good.example].evil.example"),
	STR("https://good.example]evil.example"),
	STR("https://evil.example]good.example"),
	STR("https://good.example(.evil.example"),
	STR("https://good.example(evil.example"),
	STR("https://evil.example(good.example"),
	STR("https://good.example).evil.example"),
	STR("https://good.example)evil.example"),
	STR("https://evil.example)good.example"),
	STR("https://good.example*.evil.example"),
	STR("https://good.example*evil.example"),
	STR("https://evil.example*good.example"),
	STR("https://good.example!.evil.example"),
	STR("https://good.example!evil.example"),
	STR("https://evil.example!good.example"),
	STR("https://good.example$.evil.example"),
	STR("https://good.example$evil.example"),
	STR("https://evil.example$good.example"),
	STR("https://good.example&.evil.example"),
	STR("https://good.example&evil.example"),
	STR("https://evil.example&good.example"),
	STR("https://good.example'.evil.example"),
	STR("https://good.example'evil.example"),
	STR("https://evil.example'good.example"),
	STR("https://good.example+.evil.example"),
	STR("https://good.example+evil.example"),
	STR("https://evil.example+good.example"),
	STR("https://good.example,.evil.example"),
	STR("https://good.example,evil.example"),
	STR("https://evil.example,good.example"),
	STR("https://good.example;.evil.example"),
	STR("https://good.example;evil.example"),
	STR("https://evil.example;good.example"),
	STR("https://good.example=.evil.example"),
	STR("https://good.example=evil.example"),
	STR("https://evil.example=good.example"),
	STR("https://good.example~.evil.example"),
	STR("https://good.example~evil.example"),
	STR("https://evil.example~good.example"),
	STR("https://good.example%.evil.example"),
	STR("https://good.example%evil.example"),
	STR("https://evil.example%good.example"),
	STR("https://good.example."),
	STR("https://good.example.."),
	STR("https://.good.example"),
	STR("https://a..good.example"),
	STR("https://good.example.evil.example"),
	STR("https://evil.example.good.example"),
	STR("https://www.good.example"),
	STR("https://xn--good.example"),
	STR("https://good.exampl"),
	STR("https://good.examples"),
	STR("https://g00d.example"),
	STR("https://-good.example"),
	STR("https://good.example-"),
	STR("https://good-.example"),
	STR("https://good.-example"),
	STR("https://[::1]"),
	STR("https://[::ffff:127.0.0.1]"),
	STR("https://127.0.0.1"),
	STR("https://127.1"),
	STR("https://2130706433"),
	STR("https://0x7f000001"),
	STR("https://0x7f.1"),
	STR("https://0177.0.0.1"),
	STR("https://1.1.1.1"),
	STR("https://localhost"),
	STR("https://169.254.169.254"),
	STR("https://good.example:"),
	STR("https://good.example:0"),
	STR("https://good.example:00443"),
	STR("https://good.example:+443"),
	STR("https://good.example:-1"),
	STR("https://good.example:65536"),
	STR("https://good.example:99999"),
	STR("https://good.example:443x"),
	STR("https://good.example:4 43"),
	STR("https://good.example:8443"),
	STR("https://good.example:80"),
	STR("https://good.example:443:443"),
	STR("https://good.example:443@evil.example"),
	STR("https://good.example:\xd9\xa4"),
	STR("https://"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
	    "example"),
	STR("https://"
	    "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
	    "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
	    "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
	    "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
	    "example"),
	STR("https://good.example:1e2"),
	STR("https://good.example:0x1bb"),
	STR("https://g%6fod.example"),
	STR("https://%67ood.example"),
	STR("https://good%2eexample"),
	STR("https://good.example%2f@evil.example"),
	STR("https://good.ex\xe2\x80\x8d"
	    "ample"),
	STR("https://goo\xcc\x87"
	    "d.example"),
	STR("https://\xc7\xa5ood.example"),
	STR("https://good.exampl\xd0\xb5"),
	STR("https://\xef\xbd\x87ood.example"),
	STR("https://good\xe3\x80\x82"
	    "example"),
	STR("https://?good.example"),
	STR("https://#good.example"),
	STR("https://?https://good.example"),
	STR("https://evil.example/good.example"),
	STR("https://evil.example?good.example"),
	STR("https://evil.example#good.example"),
	STR("https://evil.example/https://good.example"),
};
#define CONFUSIONS (sizeof(confusions) / sizeof(confusions[0]))

static void
no_confusing_address_leads_anywhere(void **state)
{
	struct link_target t;

	(void)state;
	assert_true(CONFUSIONS >= 200);
	for (size_t i = 0; i < CONFUSIONS; i++) {
		if (link_parse(confusions[i], false, &t) &&
		    link_listed(&t, &hosts))
			fail_msg("taken: %.*s", STR_ARG(confusions[i]));
	}
}

static void
expect(const char *text, const char *written)
{
	struct link_target t;
	struct buf out = { 0 };

	assert_true(link_parse(str_of(text), false, &t));
	assert_true(link_listed(&t, &hosts));
	link_write(&t, &out);
	assert_string_equal(buf_text(&out), written);
	buf_free(&out);
}

static void
plain_addresses_of_listed_hosts_are_taken(void **state)
{
	(void)state;
	expect("https://good.example", "https://good.example/");
	expect("https://good.example/", "https://good.example/");
	expect("HTTPS://GOOD.Example/A", "https://good.example/A");
	expect("https://shop.example:443/x", "https://shop.example:443/x");
	expect("https://shop.example?q=1", "https://shop.example/?q=1");
	expect("https://shop.example#top", "https://shop.example/#top");
	expect("https://shop.example/a?b=c&d=%20#e",
	    "https://shop.example/a?b=c&d=%20#e");
	/* Behind the host an address may hold another one. */
	expect("https://shop.example//evil.example",
	    "https://shop.example//evil.example");
	expect("https://shop.example/@evil.example",
	    "https://shop.example/@evil.example");
	expect("https://shop.example/?u=https://evil.example",
	    "https://shop.example/?u=https://evil.example");
	expect("https://shop.example#@evil.example",
	    "https://shop.example/#@evil.example");
}

static void
http_is_taken_only_where_it_is_allowed(void **state)
{
	struct link_target t;

	(void)state;
	assert_false(link_parse(STR("http://good.example/"), false, &t));
	assert_true(link_parse(STR("http://good.example/"), true, &t));
	assert_true(t.http && link_listed(&t, &hosts));
	assert_true(link_parse(STR("http://good.example:443/"), true, &t));
	assert_false(link_listed(&t, &hosts));
	assert_true(link_parse(STR("http://good.example:80/"), true, &t));
	assert_true(link_listed(&t, &hosts));
}

static void
a_user_or_an_address_of_digits_is_no_target_even_when_signed(void **state)
{
	static const struct str refused[] = {
		STR("https://user@partner.example/"),
		STR("https://user:pass@partner.example/"),
		STR("https://@partner.example/"),
		STR("https://127.0.0.1/"),
		STR("https://2130706433/"),
		STR("https://0x7f.1/"),
		STR("https://a.0x7f000001/"),
		STR("https://[::1]/"),
		STR("https://partner.example./"),
		STR("https://partner..example/"),
		STR("https://partner%2eexample/"),
	};
	struct link_target t;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_false(link_parse(refused[i], true, &t));
	assert_true(link_parse(STR("https://partner.example/"), true, &t));
}

static void
an_empty_list_allows_nothing(void **state)
{
	static const struct texts none = { NULL, 0 };
	struct link_target t;

	(void)state;
	assert_true(link_parse(STR("https://good.example/"), false, &t));
	assert_false(link_listed(&t, &none));
}

static void
no_byte_that_could_end_a_header_is_ever_written(void **state)
{
	struct link_target t;
	char text[] = "https://good.example/xyz";

	(void)state;
	for (int c = 0; c < 256; c++) {
		struct str s = str_make(text, sizeof(text) - 1);

		text[22] = (char)c;
		if (link_parse(s, false, &t))
			assert_true(c > 0x20 && c < 0x7f);
		else
			assert_true(c <= 0x20 || c >= 0x7f ||
				    strchr("\"<>\\^`{|}", c) != NULL);
	}
}

static void
a_target_is_bounded(void **state)
{
	struct link_target t;
	struct buf text = { 0 };

	(void)state;
	buf_add_str(&text, STR("https://good.example/"));
	while (text.len < LINK_TARGET_MAX)
		buf_add_char(&text, 'a');
	assert_true(link_parse(buf_str(&text), false, &t));
	buf_add_char(&text, 'a');
	assert_false(link_parse(buf_str(&text), false, &t));
	buf_free(&text);
}

#define KEY STR("a-key-of-the-shop-1")

/* printf 'shop\nspring\nhttps://partner.example/x' |
 * openssl dgst -sha256 -hmac a-key-of-the-shop-1 */
static void
a_signature_made_elsewhere_is_good(void **state)
{
	(void)state;
	assert_true(link_signed(KEY, STR("shop"), STR("spring"),
	    STR("https://partner.example/x"),
	    STR("47bd54f64385c4128ca312a54193d4d3198dff8b58d607e500ee30ebf7891f"
		"d9")));
}

static void
a_signature_is_for_its_site_campaign_and_target_only(void **state)
{
	char sig[LINK_SIGNATURE_LEN + 1];
	struct str to = STR("https://partner.example/x");

	(void)state;
	link_sign(KEY, STR("shop"), STR("spring"), to, sig);
	assert_true(
	    link_signed(KEY, STR("shop"), STR("spring"), to, str_of(sig)));
	assert_false(
	    link_signed(KEY, STR("shop2"), STR("spring"), to, str_of(sig)));
	assert_false(
	    link_signed(KEY, STR("shop"), STR("autumn"), to, str_of(sig)));
	assert_false(link_signed(KEY, STR("shop"), STR("spring"),
	    STR("https://partner.example/y"), str_of(sig)));
	assert_false(link_signed(STR("another-key-of-it"), STR("shop"),
	    STR("spring"), to, str_of(sig)));
	assert_false(link_signed(
	    STR_EMPTY, STR("shop"), STR("spring"), to, str_of(sig)));
	assert_false(
	    link_signed(KEY, STR("shop"), STR("spring"), to, STR_EMPTY));
	for (size_t i = 0; i < LINK_SIGNATURE_LEN; i++) {
		sig[i] = (char)(sig[i] ^ 1);
		assert_false(link_signed(
		    KEY, STR("shop"), STR("spring"), to, str_of(sig)));
		sig[i] = (char)(sig[i] ^ 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_confusing_address_leads_anywhere),
		cmocka_unit_test(plain_addresses_of_listed_hosts_are_taken),
		cmocka_unit_test(http_is_taken_only_where_it_is_allowed),
		cmocka_unit_test(
		    a_user_or_an_address_of_digits_is_no_target_even_when_signed),
		cmocka_unit_test(an_empty_list_allows_nothing),
		cmocka_unit_test(
		    no_byte_that_could_end_a_header_is_ever_written),
		cmocka_unit_test(a_target_is_bounded),
		cmocka_unit_test(a_signature_made_elsewhere_is_good),
		cmocka_unit_test(
		    a_signature_is_for_its_site_campaign_and_target_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
