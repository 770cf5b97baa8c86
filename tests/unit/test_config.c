/*
 * test_config.c - settings are read as their tables say, every mistake is
 * told with its place, and what is printed reads again as the same.
 */
#include "common/config.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct item {
	char *name;
	int64_t weight;
};
struct inner {
	int64_t wait, size;
	bool on;
};
struct all {
	char *listen, *file, *secret;
	int64_t workers, price;
	int mode;
	struct texts hosts, keys;
	struct pairs kafka;
	struct inner spool;
	struct items items;
};

static void
check_even(const void *value, struct config_place *place)
{
	if (*(const int64_t *)value % 2 != 0)
		config_complain(place, NULL, "must be even");
}

static void
check_items(const void *value, struct config_place *place)
{
	const struct items *items = value;

	if (items->count > 1)
		config_complain(place, "[1].name", "one is enough");
}

static const char *const modes[] = { "disk", "kafka", "memory", NULL };
#define AT(field) offsetof(struct all, field)
static const struct setting item_table[] = { { .key = "name",
						 .kind = SETTING_TEXT,
						 .offset = offsetof(
						     struct item, name),
						 .help = "its name" },
	{ .key = "weight",
	    .kind = SETTING_INT,
	    .fallback = "2",
	    .offset = offsetof(struct item, weight),
	    .check = check_even },
	{ 0 } };
static const struct setting inner_table[] = { { .key = "wait",
						  .kind = SETTING_DURATION,
						  .fallback = "30s",
						  .offset = offsetof(
						      struct inner, wait),
						  .min = 1000,
						  .max = 86400000 },
	{ .key = "size",
	    .kind = SETTING_BYTES,
	    .fallback = "64MiB",
	    .offset = offsetof(struct inner, size),
	    .min = 1024,
	    .max = 1073741824 },
	{ .key = "on",
	    .kind = SETTING_BOOL,
	    .fallback = "true",
	    .offset = offsetof(struct inner, on) },
	{ 0 } };
static const struct setting table[] = { { .key = "listen",
					    .kind = SETTING_TEXT,
					    .offset = AT(listen),
					    .help = "where to listen" },
	{ .key = "file",
	    .kind = SETTING_FILE,
	    .offset = AT(file),
	    .fallback = "sites.yaml" },
	{ .key = "secret",
	    .kind = SETTING_SECRET,
	    .offset = AT(secret),
	    .fallback = "" },
	{ .key = "workers",
	    .kind = SETTING_INT,
	    .offset = AT(workers),
	    .fallback = "0",
	    .max = 64 },
	{ .key = "price",
	    .kind = SETTING_MICROS,
	    .offset = AT(price),
	    .fallback = "0.35" },
	{ .key = "mode",
	    .kind = SETTING_CHOICE,
	    .offset = AT(mode),
	    .fallback = "disk",
	    .choices = modes },
	{ .key = "hosts",
	    .kind = SETTING_TEXTS,
	    .offset = AT(hosts),
	    .fallback = "[a, b]" },
	{ .key = "keys",
	    .kind = SETTING_SECRETS,
	    .offset = AT(keys),
	    .fallback = "" },
	{ .key = "kafka",
	    .kind = SETTING_PAIRS,
	    .offset = AT(kafka),
	    .fallback = "" },
	{ .key = "spool",
	    .kind = SETTING_GROUP,
	    .offset = AT(spool),
	    .fields = inner_table,
	    .help = "the spool" },
	{ .key = "items",
	    .kind = SETTING_LIST,
	    .offset = AT(items),
	    .fallback = "",
	    .fields = item_table,
	    .size = sizeof(struct item),
	    .check = check_items },
	{ 0 } };

static struct arena *arena;
static struct buf problems;
static struct all all;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(65536);
	problems = (struct buf){ 0 };
	all = (struct all){ 0 };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&problems);
	arena_free(arena);
	return 0;
}

static void
check_good(const char *text)
{
	problems.len = 0;
	if (!config_read(
		"/etc/x/f.yaml", str_of(text), table, &all, arena, &problems))
		fail_msg("%s", buf_text(&problems));
	assert_int_equal(problems.len, 0);
}

static void
check_bad(struct str text, const char *expected)
{
	problems.len = 0;
	assert_false(config_read("f", text, table, &all, arena, &problems));
	assert_string_equal(buf_text(&problems), expected);
}
#define BAD(text, expected) check_bad(STR(text), expected)
/* With the one required setting on line 1. */
#define BAD2(text, expected) BAD("listen: x\n" text, expected)

static void
absent_settings_take_their_defaults(void **state)
{
	(void)state;
	check_good("listen: :80\n");
	assert_string_equal(all.listen, ":80");
	assert_string_equal(all.file, "/etc/x/sites.yaml");
	assert_string_equal(all.secret, "");
	assert_int_equal(all.price, 350000);
	assert_int_equal(all.hosts.count, 2);
	assert_string_equal(all.hosts.at[1], "b");
	assert_int_equal(all.keys.count, 0);
	assert_int_equal(all.spool.wait, 30000);
	assert_int_equal(all.spool.size, 64 << 20);
	assert_true(all.spool.on);
	assert_int_equal(all.items.count, 0);
}

static void
every_kind_is_read(void **state)
{
	const struct item *item;

	(void)state;
	check_good("listen: \"a\\tb\"\nfile: /abs\nsecret: s3\nworkers: 64\n"
		   "price: -1.5\nmode: memory\nhosts: [x]\nkeys:\n- k\n"
		   "kafka: {a.b: 1, c: \"\"}\n"
		   "spool:\n  wait: 12h\n  size: 8KiB\n  on: false\n"
		   "items:\n- name: one\n  weight: -4\n");
	assert_string_equal(all.listen, "a\tb");
	assert_string_equal(all.file, "/abs");
	assert_string_equal(all.secret, "s3");
	assert_int_equal(all.workers, 64);
	assert_int_equal(all.price, -1500000);
	assert_int_equal(all.mode, 2);
	assert_string_equal(all.hosts.at[0], "x");
	assert_string_equal(all.keys.at[0], "k");
	assert_int_equal(all.kafka.count, 2);
	assert_string_equal(all.kafka.at[0].key, "a.b");
	assert_string_equal(all.kafka.at[0].value, "1");
	assert_string_equal(all.kafka.at[1].value, "");
	assert_int_equal(all.spool.wait, 43200000);
	assert_int_equal(all.spool.size, 8192);
	assert_false(all.spool.on);
	item = all.items.at;
	assert_string_equal(item[0].name, "one");
	assert_int_equal(item[0].weight, -4);
	check_good("listen: x\nfile: \"\"\nspool:\nitems:\nkafka: ~\n");
	assert_string_equal(all.file, "");
}

static void
unknown_settings_get_a_suggestion(void **state)
{
	(void)state;
	BAD("lisen: x\n",
	    "f:1:1: lisen: unknown setting, did you mean \"listen\"?\n"
	    "f:1:1: listen: missing: where to listen\n");
	BAD2("wrokers: 1\n",
	    "f:2:1: wrokers: unknown setting, did you mean \"workers\"?\n");
	BAD2("nonsense_at_all: 1\n",
	    "f:2:1: nonsense_at_all: unknown setting\n");
	BAD2("spool:\n    wiat: 1s\n",
	    "f:3:5: spool.wiat: unknown setting, did you mean \"wait\"?\n");
	BAD2("\"e\\e[2J\": 1\n", "f:2:1: e?[2J: unknown setting\n");
	BAD2("items:\n  - name: a\n    wieght: 2\n",
	    "f:4:5: items[0].wieght: unknown setting, "
	    "did you mean \"weight\"?\n");
}

static void
keys_that_come_twice_are_refused(void **state)
{
	(void)state;
	BAD2("workers: 1\nlisten: y\n",
	    "f:3:1: listen: is there twice, first on line 1\n");
	BAD2("kafka: {a: 1, b: 2, a: 3}\n",
	    "f:2:21: kafka.a: is there twice, first on line 2\n");
	BAD2("spool:\n  on: true\n  on: true\n",
	    "f:4:3: spool.on: is there twice, first on line 3\n");
}

static void
missing_settings_are_named_with_their_map(void **state)
{
	(void)state;
	BAD("", "f:1:1: listen: missing: where to listen\n");
	BAD("# nothing\n", "f:1:1: listen: missing: where to listen\n");
	BAD("\n\nworkers: 1\n", "f:3:1: listen: missing: where to listen\n");
	BAD2("items:\n  - weight: 2\n",
	    "f:3:5: items[0].name: missing: its name\n");
	BAD2("items:\n  - name: a\n  -\n",
	    "f:4:4: items[1].name: missing: its name\n");
}

static void
values_of_another_type_are_refused(void **state)
{
	(void)state;
	BAD("[]\n", "f:1:1: expected a map, found a list\n");
	BAD("just text\n", "f:1:1: expected a map, found a single value\n");
	BAD2("workers: many\n",
	    "f:2:10: workers: \"many\" is no whole number\n");
	BAD2("workers: 1.5\n", "f:2:10: workers: \"1.5\" is no whole number\n");
	BAD2("workers: [1]\n",
	    "f:2:10: workers: expected a single value, found a list\n");
	BAD2("workers:\n", "f:2:9: workers: has no value "
			   "(an empty text is \"\")\n");
	BAD2("price: 1e5\n", "f:2:8: price: \"1e5\" is no decimal number "
			     "with at most six places\n");
	BAD2("hosts: a\n",
	    "f:2:8: hosts: expected a list, found a single value\n");
	BAD2("hosts: [a, [b], {c: d}]\n",
	    "f:2:12: hosts[1]: expected a single value, found a list\n"
	    "f:2:17: hosts[2]: expected a single value, found a map\n");
	BAD2("kafka: {a: {b: c}}\n",
	    "f:2:12: kafka.a: expected a single value, found a map\n");
	BAD2("kafka: [a]\n", "f:2:8: kafka: expected a map, found a list\n");
	BAD2("spool: 5\n",
	    "f:2:8: spool: expected a map, found a single value\n");
	BAD2("items: {name: a}\n",
	    "f:2:8: items: expected a list, found a map\n");
	BAD2("items: [a]\n",
	    "f:2:9: items[0]: expected a map, found a single value\n");
	BAD2("spool: {on: yes}\n",
	    "f:2:13: spool.on: \"yes\" is neither true nor false\n");
	BAD2("hosts: [\"a\\0b\"]\n", "f:2:9: hosts[0]: holds a NUL byte\n");
}

static void
values_out_of_range_are_told_the_range(void **state)
{
	(void)state;
	BAD2("workers: 65\n",
	    "f:2:10: workers: \"65\" is out of range: 0 to 64\n");
	BAD2("workers: -1\n",
	    "f:2:10: workers: \"-1\" is out of range: 0 to 64\n");
	BAD2("workers: 99999999999999999999\n",
	    "f:2:10: workers: \"99999999999999999999\" is out of range: "
	    "0 to 64\n");
	BAD2("spool: {wait: 999ms}\n",
	    "f:2:15: spool.wait: \"999ms\" is out of range: 1s to 1d\n");
	BAD2("spool: {size: 2GiB}\n",
	    "f:2:15: spool.size: \"2GiB\" is out of range: 1KiB to 1GiB\n");
	BAD2("spool: {size: 9999999999TiB}\n",
	    "f:2:15: spool.size: \"9999999999TiB\" is out of range: "
	    "1KiB to 1GiB\n");
}

static void
units_and_choices_are_listed(void **state)
{
	(void)state;
	BAD2("spool: {size: 64MB}\n",
	    "f:2:15: spool.size: \"64MB\" has an unknown unit: "
	    "B, KiB, MiB, GiB, TiB\n");
	BAD2("spool: {wait: 30}\n",
	    "f:2:15: spool.wait: \"30\" needs a unit: ms, s, m, h, d\n");
	BAD2("spool: {wait: 1.5h}\n",
	    "f:2:15: spool.wait: \"1.5h\" has an unknown unit: "
	    "ms, s, m, h, d\n");
	BAD2("spool: {wait: soon}\n",
	    "f:2:15: spool.wait: \"soon\" is no number with a unit\n");
	BAD2("mode: disc\n",
	    "f:2:7: mode: \"disc\" is none of: disk, kafka, memory\n");
}

static void
yaml_beyond_settings_is_refused(void **state)
{
	(void)state;
	BAD2("secret: &a x\n", "f:2:9: anchors are not allowed\n");
	BAD2("secret: *a\n", "f:2:9: aliases are not allowed\n");
	BAD2("secret: !!str x\n", "f:2:9: tags are not allowed\n");
	BAD2("hosts: !x [a]\n", "f:2:8: tags are not allowed\n");
	BAD2("? [a]\n: b\n", "f:2:3: a key must be a text\n");
	BAD2("---\nlisten: y\n", "f:2:1: more than one document\n");
	BAD2("workers: 1\n  mode: disk\n",
	    "f:3:7: mapping values are not allowed in this context\n");
	BAD2("hosts: [a\n", "f:3:1: did not find expected ',' or ']' "
			    "(while parsing a flow sequence from line 2)\n");
	BAD2("\tmode: disk\n",
	    "f:2:1: found a tab character that violates indentation "
	    "(while scanning a plain scalar from line 1)\n");
	BAD2("mode: \xff\n", "f:2:7: invalid leading UTF-8 octet\n");
	BAD2("hosts: [[[[[[[[[[[[[[[[[[x", "f:2:23: nested too deep\n");
}

static void
size_is_bounded(void **state)
{
	struct buf big = { 0 };

	(void)state;
	for (int i = 0; i < (1 << 20) / 4 + 1; i++)
		buf_add_str(&big, STR("# x\n"));
	check_bad(buf_str(&big), "f:1:1: more than 1 MiB of text\n");
	big.len = 0;
	for (int i = 0; i < 1001; i++)
		buf_printf(&big, "k%d: 1\n", i);
	check_bad(buf_str(&big), "f:1001:1: too many keys\n");
	buf_free(&big);
}

static void
several_problems_are_told_in_order(void **state)
{
	(void)state;
	BAD("workers: x\nmode: y\nlisten: *z\nspool:\n  on: 1\n  wiat: 2s\n",
	    "f:1:10: workers: \"x\" is no whole number\n"
	    "f:2:7: mode: \"y\" is none of: disk, kafka, memory\n"
	    "f:3:9: aliases are not allowed\n"
	    "f:5:7: spool.on: \"1\" is neither true nor false\n"
	    "f:6:3: spool.wiat: unknown setting, did you mean \"wait\"?\n");
}

static void
checks_tell_the_place_of_a_part(void **state)
{
	(void)state;
	BAD2("items:\n- name: a\n  weight: 3\n",
	    "f:4:11: items[0].weight: must be even\n");
	BAD2("items:\n- name: a\n- name: b\n",
	    "f:4:9: items[1].name: one is enough\n");
}

static void
variables_come_from_the_environment(void **state)
{
	(void)state;
	setenv("TEST_CONFIG_A", "va lue", 1);
	setenv("TEST_CONFIG_EMPTY", "", 1);
	setenv("TEST_CONFIG_BAD", "\xff", 1);
	unsetenv("TEST_CONFIG_NONE");
	check_good("listen: <${TEST_CONFIG_A}|${TEST_CONFIG_A}>\n"
		   "workers: ${TEST_CONFIG_NONE:-7}\n"
		   "secret: ${TEST_CONFIG_EMPTY}\n"
		   "hosts: ['${TEST_CONFIG_EMPTY:-d}', '$${X} $5 $', "
		   "'${TEST_CONFIG_NONE:-}']\n"
		   "kafka: {p: '${TEST_CONFIG_A}'}\n");
	assert_string_equal(all.listen, "<va lue|va lue>");
	assert_int_equal(all.workers, 7);
	assert_string_equal(all.secret, "");
	assert_string_equal(all.hosts.at[0], "d");
	assert_string_equal(all.hosts.at[1], "${X} $5 $");
	assert_string_equal(all.hosts.at[2], "");
	assert_string_equal(all.kafka.at[0].value, "va lue");
	BAD2("secret: a ${TEST_CONFIG_NONE}\n",
	    "f:2:9: secret: environment variable TEST_CONFIG_NONE "
	    "is not set\n");
	BAD2("secret: ${A\n", "f:2:9: secret: ${ without }\n");
	BAD2("secret: ${A B}\n",
	    "f:2:9: secret: \"A B\" is no name of a variable\n");
	BAD2("secret: ${}\n", "f:2:9: secret: \"\" is no name of a variable\n");
	BAD2("secret: ${TEST_CONFIG_BAD}\n",
	    "f:2:9: secret: what ${} brings is not UTF-8\n");
}

static void
write_file(const char *path, struct str text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
	assert_int_equal(fclose(file), 0);
}

static void
secrets_come_from_files_beside_the_config(void **state)
{
	char dir[] = "/tmp/test_config.XXXXXX", path[64], expected[256];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/key", dir);
	write_file(path, STR("two\nlines\r\n"));
	snprintf(path, sizeof(path), "%s/c.yaml", dir);
	write_file(path, STR("listen: x\nsecret: '<${file:key}>'\n"));
	assert_true(config_load(path, table, &all, arena, &problems));
	assert_string_equal(all.secret, "<two\nlines>");
	snprintf(expected, sizeof(expected), "%s/sites.yaml", dir);
	assert_string_equal(all.file, expected);

	write_file(path, STR("listen: x\nsecret: ${file:none}\n"
			     "file: ${file:.}\n"));
	assert_false(config_load(path, table, &all, arena, &problems));
	snprintf(expected, sizeof(expected),
	    "%s:2:9: secret: cannot read %s/none: No such file or directory\n"
	    "%s:3:7: file: %s/. is no file\n",
	    path, dir, path, dir);
	assert_string_equal(buf_text(&problems), expected);
	unlink(path);
	problems.len = 0;
	assert_false(config_load(path, table, &all, arena, &problems));
	snprintf(expected, sizeof(expected),
	    "%s: cannot be read: No such file or directory\n", path);
	assert_string_equal(buf_text(&problems), expected);
	snprintf(path, sizeof(path), "%s/key", dir);
	unlink(path);
	rmdir(dir);
}

static void
what_is_printed_reads_again_as_the_same(void **state)
{
	struct buf first = { 0 }, second = { 0 };

	(void)state;
	check_good(
	    "listen: \"a: #\\\\ \\\"q\\\" \\t\\x7f\\u2028\\ufeff $${X}\"\n"
	    "hosts: ['', 'null', '- x', ':80', 'a:80', \"\xc3\xa9\"]\n"
	    "kafka: {'a b': '*x', c: d}\nspool: {wait: 90m, size: 1500}\n"
	    "items: [{name: '{'}]\nfile: ''\n");
	config_print(table, &all, &first);
	check_good(buf_text(&first));
	assert_string_equal(
	    all.listen, "a: #\\ \"q\" \t\x7f\xe2\x80\xa8\xef\xbb\xbf ${X}");
	config_print(table, &all, &second);
	assert_string_equal(buf_text(&first), buf_text(&second));
	buf_free(&first);
	buf_free(&second);
}

static void
secrets_are_not_printed(void **state)
{
	struct buf out = { 0 };

	(void)state;
	check_good("listen: x\nsecret: hush\nkeys: [hush, '']\nmode: kafka\n"
		   "kafka: {sasl.Password: hush, oauth.client.SECRET: hush,"
		   " b: c}\nspool: {wait: 1d, size: 0001KiB}\n"
		   "items: [{name: a b}]\nfile: /f\n");
	config_print(table, &all, &out);
	assert_string_equal(buf_text(&out),
	    "# where to listen\nlisten: x\nfile: /f\nsecret: \"***\"\n"
	    "workers: 0\nprice: 0.35\nmode: kafka\nhosts:\n  - a\n  - b\n"
	    "keys:\n  - \"***\"\n  - \"\"\n"
	    "kafka:\n  sasl.Password: \"***\"\n"
	    "  oauth.client.SECRET: \"***\"\n  b: c\n"
	    "# the spool\nspool:\n  wait: 1d\n  size: 1KiB\n  on: true\n"
	    "items:\n    # its name\n  - name: \"a b\"\n    weight: 2\n");
	buf_free(&out);
}

static void
addresses_are_cut_in_two(void **state)
{
	static const char *const bad[] = { "", "host", "host:", ":", "a:b",
		"h:65536", "h:-1", "::1:80", "[::1]", "[::1]80", "[]:80",
		"[host]:80", "a b:80", "h:80x", "h: 80", "[::1:80",
		"0123456789012345678901234567890123456789"
		"0123456789012345678901234:80" };
	char host[64];
	uint16_t port;

	(void)state;
	assert_true(config_address("127.0.0.1:8080", host, &port));
	assert_string_equal(host, "127.0.0.1");
	assert_int_equal(port, 8080);
	assert_true(config_address(":0", host, &port));
	assert_string_equal(host, "");
	assert_int_equal(port, 0);
	assert_true(config_address("[2001:db8::1]:65535", host, &port));
	assert_string_equal(host, "2001:db8::1");
	assert_int_equal(port, 65535);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (config_address(bad[i], host, &port))
			fail_msg("accepted %s", bad[i]);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(absent_settings_take_their_defaults),
		TEST(every_kind_is_read),
		TEST(unknown_settings_get_a_suggestion),
		TEST(keys_that_come_twice_are_refused),
		TEST(missing_settings_are_named_with_their_map),
		TEST(values_of_another_type_are_refused),
		TEST(values_out_of_range_are_told_the_range),
		TEST(units_and_choices_are_listed),
		TEST(yaml_beyond_settings_is_refused),
		TEST(size_is_bounded),
		TEST(several_problems_are_told_in_order),
		TEST(checks_tell_the_place_of_a_part),
		TEST(variables_come_from_the_environment),
		TEST(secrets_come_from_files_beside_the_config),
		TEST(what_is_printed_reads_again_as_the_same),
		TEST(secrets_are_not_printed),
		TEST(addresses_are_cut_in_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
