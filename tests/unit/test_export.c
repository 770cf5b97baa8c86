/*
 * test_export.c - what each ad platform is sent, byte for byte as the files
 * in tests/data/exports have it, what it is not sent, and how its answers
 * are read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "aggregator/platforms/export.h"
#include "common/calendar.h"

#define NOW INT64_C(1772539200000)   /* 2026-03-03T12:00:00Z */
#define THEN INT64_C(1772366405000)  /* 2026-03-01T12:00:05Z */
#define CLICK INT64_C(1772323200123) /* 2026-03-01T00:00:00.123Z */
#define EMAIL "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
#define PHONE "1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8"
#define DIGITS                                                                 \
	"e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"
#define TEST(f) cmocka_unit_test(f)

static struct pair pairs[] = { { (char *)"purchase", (char *)"Web, order" },
	{ (char *)"signup", (char *)"77" } };
static const struct pairs goals = { pairs, 2 };
static const struct export_target target = { .account = "1234567890",
	.login_account = "99",
	.token = "t",
	.action_source = "physical_store",
	.version = "",
	.goals = &goals,
	.now_ms = NOW };

static const struct export_platform *
platform(const char *name)
{
	int i = 0;

	while (strcmp(export_names[i], name) != 0)
		i++;
	return export_at(i);
}

/* A conversion with all there can be, clicked at P. */
static struct export_row
whole(const struct export_platform *p)
{
	struct export_row row = { .transaction_id = STR("A-1001"),
		.event_id = STR("e1"),
		.goal = STR("purchase"),
		.currency = STR("EUR"),
		.ts_ms = THEN,
		.value_micros = 49900000,
		.before_micros = 60000000,
		.click_ms = CLICK,
		.consent = STR("gggd"),
		.page_url = STR("https://shop.example/thanks"),
		.user_agent = STR("agent/1 \"x\""),
		.email = STR(EMAIL),
		.phone = STR(PHONE),
		.phone_digits = STR(DIGITS),
		.client_id = STR("1.2") };
	static char click[8][32];
	static int used;

	if (p->clicks != NULL) {
		used = (used + 1) % 8;
		snprintf(click[used], sizeof(click[used]), "%s=AbC_%d",
		    p->clicks[0], 1);
		row.click_id = str_of(click[used]);
	}
	if (!p->personalization)
		row.consent = STR("gggg");
	return row;
}

/* A second one with as little as goes. */
static struct export_row
bare(const struct export_platform *p)
{
	struct export_row row = whole(p);

	row.transaction_id = row.event_id = STR("e2");
	row.goal = STR("signup");
	row.value_micros = 0;
	row.consent = row.email = row.phone = row.phone_digits = STR_EMPTY;
	row.click_ms = 0;
	row.server = true;
	if (!p->needs_page)
		row.page_url = row.user_agent = STR_EMPTY;
	return row;
}

static void
is_file(const char *name, const struct buf *text)
{
	char path[128], *found = malloc(65536);
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "tests/data/exports/%s", name);
	if (getenv("EXPORT_GOLDEN_WRITE") != NULL) {
		file = fopen(path, "w");
		fwrite(text->data, text->len, 1, file);
		fclose(file);
	}
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(found, 1, 65536, file);
	fclose(file);
	if (len != text->len || memcmp(found, text->data, len) != 0)
		print_error("%s is\n%.*s\n", path, (int)text->len, text->data);
	assert_int_equal(len, text->len);
	assert_memory_equal(found, text->data, len);
	free(found);
}

static void
csv_is(const char *name, enum export_kind kind, const char *file)
{
	const struct export_platform *p = platform(name);
	struct export_row a = whole(p), b = bare(p);
	struct buf out = { 0 };

	a.kind = b.kind = kind;
	assert_null(export_refuse(p, &target, &a));
	assert_null(export_refuse(p, &target, &b));
	p->csv_head(kind, &out);
	p->csv_row(&target, &a, &out);
	p->csv_row(&target, &b, &out);
	is_file(file, &out);
	buf_free(&out);
}

static void
json_is(const char *name)
{
	const struct export_platform *p = platform(name);
	struct export_row a = whole(p), b = bare(p);
	const struct export_row *list[] = { &a, &b };
	struct buf out = { 0 };
	char file[64];

	assert_null(export_refuse(p, &target, &a));
	assert_null(export_refuse(p, &target, &b));
	p->body(&target, list, p->batch == 1 ? 1 : 2, &out);
	buf_add_char(&out, '\n');
	snprintf(file, sizeof(file), "%s.json", name);
	is_file(file, &out);
	buf_free(&out);
}

static void
google_conversions(void **state)
{
	(void)state;
	csv_is("google", EXPORT_CONVERSION, "google.csv");
}

static void
google_adjustments(void **state)
{
	(void)state;
	csv_is("google", EXPORT_RESTATE, "google-restate.csv");
	csv_is("google", EXPORT_RETRACT, "google-retract.csv");
}

static void
microsoft_conversions(void **state)
{
	(void)state;
	csv_is("microsoft", EXPORT_CONVERSION, "microsoft.csv");
}

static void
microsoft_adjustments(void **state)
{
	(void)state;
	csv_is("microsoft", EXPORT_RESTATE, "microsoft-restate.csv");
	csv_is("microsoft", EXPORT_RETRACT, "microsoft-retract.csv");
}

static void
requests_of_the_json_platforms(void **state)
{
	(void)state;
	json_is("google-data-manager");
	json_is("meta");
	json_is("tiktok");
	json_is("linkedin");
	json_is("ga4");
}

static void
a_refund_is_an_event_of_its_own_at_ga4(void **state)
{
	const struct export_platform *p = platform("ga4");
	struct export_row row = whole(p);
	const struct export_row *list[] = { &row };
	struct buf out = { 0 };

	(void)state;
	row.kind = EXPORT_RESTATE;
	p->body(&target, list, 1, &out);
	assert_true(str_find(buf_str(&out), STR("\"name\":\"refund\"")) > 0 &&
		    str_find(buf_str(&out), STR("\"value\":10.1")) > 0);
	buf_free(&out);
}

static void
gmail_without_dots_goes_to_google_alone(void **state)
{
	struct buf out = { 0 };
	const struct export_row *list[1];
	struct export_row row;

	(void)state;
	for (int i = 0; export_names[i] != NULL; i++) {
		const struct export_platform *p = export_at(i);

		row = whole(p);
		row.email_google = STR("feed");
		list[0] = &row;
		out.len = 0;
		if (p->body != NULL)
			p->body(&target, list, 1, &out);
		assert_int_equal(str_find(buf_str(&out), STR("feed")) >= 0,
		    strcmp(p->name, "google-data-manager") == 0);
	}
	buf_free(&out);
}

static void
refused(const char *name, const struct export_row *row, const char *word)
{
	const char *why = export_refuse(platform(name), &target, row);

	assert_non_null(why);
	if (strstr(why, word) == NULL)
		fail_msg("%s: %s, not %s", name, why, word);
}

static void
each_platform_takes_its_own_clicks_only(void **state)
{
	struct export_row row;

	(void)state;
	for (int i = 0; export_names[i] != NULL; i++) {
		row = whole(export_at(i));
		row.click_id = STR_EMPTY;
		if (export_at(i)->clicks != NULL)
			refused(export_names[i], &row, "click");
		else
			assert_null(export_refuse(export_at(i), &target, &row));
	}
}

static void
age_limits_are_the_platforms(void **state)
{
	static const struct {
		const char *name;
		int64_t ms;
	} limits[] = { { "google", 90 * DAY_MS },
		{ "google-data-manager", 90 * DAY_MS },
		{ "microsoft", 90 * DAY_MS }, { "linkedin", 90 * DAY_MS },
		{ "meta", 7 * DAY_MS }, { "ga4", 3 * DAY_MS } };

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct export_row row = whole(platform(limits[i].name));

		row.ts_ms = row.click_ms = NOW - limits[i].ms;
		assert_null(
		    export_refuse(platform(limits[i].name), &target, &row));
		row.ts_ms = row.click_ms = NOW - limits[i].ms - 1;
		refused(limits[i].name, &row, "older");
	}
}

static void
consent_is_asked_row_by_row(void **state)
{
	struct export_target strict = target;
	struct export_row row = whole(platform("meta"));

	(void)state;
	row.consent = STR("ggdg");
	refused("meta", &row, "ad_user_data");
	row.consent = STR("gguu");
	assert_null(export_refuse(platform("meta"), &target, &row));
	strict.require_consent = true;
	assert_non_null(export_refuse(platform("meta"), &strict, &row));
	row.consent = STR("gggu");
	assert_null(export_refuse(platform("meta"), &strict, &row));
	row = whole(platform("microsoft"));
	row.consent = STR("gggd");
	refused("microsoft", &row, "ad_personalization");
}

static void
a_web_event_of_meta_needs_page_and_agent(void **state)
{
	struct export_row row = whole(platform("meta"));

	(void)state;
	row.user_agent = STR_EMPTY;
	refused("meta", &row, "page");
	row.server = true; /* then it is an offline sale */
	assert_null(export_refuse(platform("meta"), &target, &row));
}

static void
formulas_goals_and_adjustments_that_cannot_go(void **state)
{
	struct export_row row = whole(platform("google"));

	(void)state;
	row.transaction_id = STR("=1+1");
	refused("google", &row, "formula");
	for (int i = 0; i < 2; i++) {
		const char *name = i ? "google" : "microsoft";
		char goal[] = "purchase", name_of[] = "=1+1";
		struct pair sum = { goal, name_of };
		const struct pairs named = { &sum, 1 };
		struct export_target other = target;

		other.goals = &named;
		row = whole(platform(name));
		assert_string_equal(export_refuse(platform(name), &other, &row),
		    EXPORT_NAME_IS_FORMULA);
	}
	row = whole(platform("google"));
	row.goal = STR("other");
	refused("google", &row, "goal");
	row = whole(platform("meta"));
	row.kind = EXPORT_RETRACT;
	refused("meta", &row, "adjustments");
	row = whole(platform("google"));
	row.kind = EXPORT_RETRACT;
	row.ts_ms = NOW - 56 * DAY_MS;
	refused("google", &row, "too old");
}

static void
nothing_happens_before_its_click(void **state)
{
	struct export_row row = { .ts_ms = THEN, .click_ms = THEN + 60000 };

	(void)state;
	assert_int_equal(export_time_ms(&row), THEN + 61000);
	row.click_ms = THEN - 1;
	assert_int_equal(export_time_ms(&row), THEN);
}

/* Reads BODY as an answer for three rows; T and R are what it says. */
static enum export_verdict
answer(const char *name, long status, const char *body, const char *taken,
    const char *reason_of_last)
{
	bool t[3] = { false, false, false };
	struct str r[3] = { STR_EMPTY, STR_EMPTY, STR_EMPTY };
	struct export_answer a = { .status = status,
		.body = str_of(body),
		.rows = 3,
		.taken = t,
		.reason = r,
		.arena = arena_new(4096) };
	enum export_verdict v = platform(name)->read(&a);

	for (int i = 0; taken != NULL && i < 3; i++)
		assert_int_equal(t[i], taken[i] == 'y');
	if (reason_of_last != NULL)
		assert_true(str_is(r[2], reason_of_last));
	arena_free(a.arena);
	return v;
}

static void
answers_are_read_as_documented(void **state)
{
	(void)state;
	assert_int_equal(answer("google-data-manager", 200,
			     "{\"requestId\":\"q\"}", "yyy", "q"),
	    EXPORT_DECIDED);
	assert_int_equal(
	    answer("google-data-manager", 400,
		"{\"error\":{\"code\":400,\"message\":\"bad\",\"details\":[{"
		"\"fieldViolations\":[{\"field\":\"events.events[2].x\"}]}]}}",
		"nnn", "bad"),
	    EXPORT_ALL_BAD);
	assert_int_equal(
	    answer("meta", 200, "{\"events_received\":3}", "yyy", NULL),
	    EXPORT_DECIDED);
	assert_int_equal(
	    answer("meta", 400, "{\"error\":{\"message\":\"m\",\"code\":100}}",
		"nnn", ""),
	    EXPORT_ALL_BAD);
	assert_int_equal(
	    answer("meta", 400, "{\"error\":{\"message\":\"m\",\"code\":190}}",
		NULL, NULL),
	    EXPORT_FORBIDDEN);
	assert_int_equal(answer("tiktok", 200,
			     "{\"code\":0,\"request_id\":\"q\"}", "yyy", "q"),
	    EXPORT_DECIDED);
	assert_int_equal(
	    answer("tiktok", 200,
		"{\"code\":20001,\"data\":{\"failed_events\":[{"
		"\"order_in_batch\":2,\"error_message\":\"old\"}]}}",
		"yyn", "old"),
	    EXPORT_DECIDED);
	assert_int_equal(answer("tiktok", 200, "{\"code\":40105}", NULL, NULL),
	    EXPORT_FORBIDDEN);
	assert_int_equal(
	    answer("linkedin", 200,
		"{\"elements\":[{\"status\":201},{\"status\":201},"
		"{\"status\":400,\"error\":{\"message\":\"urn\"}}]}",
		"yyn", "urn"),
	    EXPORT_DECIDED);
	assert_int_equal(answer("ga4", 204, "", "yyy", NULL), EXPORT_DECIDED);
	assert_int_equal(answer("ga4", 429, "", NULL, NULL), EXPORT_RETRY);
	assert_int_equal(
	    answer("meta", 503, "<html>", NULL, NULL), EXPORT_RETRY);
	assert_int_equal(
	    answer("linkedin", 401, "", NULL, NULL), EXPORT_FORBIDDEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(google_conversions),
		TEST(google_adjustments),
		TEST(microsoft_conversions),
		TEST(microsoft_adjustments),
		TEST(requests_of_the_json_platforms),
		TEST(a_refund_is_an_event_of_its_own_at_ga4),
		TEST(gmail_without_dots_goes_to_google_alone),
		TEST(each_platform_takes_its_own_clicks_only),
		TEST(age_limits_are_the_platforms),
		TEST(consent_is_asked_row_by_row),
		TEST(a_web_event_of_meta_needs_page_and_agent),
		TEST(formulas_goals_and_adjustments_that_cannot_go),
		TEST(nothing_happens_before_its_click),
		TEST(answers_are_read_as_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
