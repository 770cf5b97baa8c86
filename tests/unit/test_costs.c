/*
 * test_costs.c - the exports of tests/data/costs, platform by platform: what
 * is read of FILE must be what FILE.rows says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "aggregator/platforms/costs.h"
#include "common/calendar.h"

static ssize_t
read_file(void *ctx, char *out, size_t room)
{
	return (ssize_t)fread(out, 1, room, ctx);
}

static ssize_t
read_text(void *ctx, char *out, size_t room)
{
	struct str *rest = ctx;
	size_t n = rest->len < room ? rest->len : room;

	if (n > 0)
		memcpy(out, rest->data, n);
	*rest = str_from(*rest, n);
	return (ssize_t)n;
}

static void
write_row(struct buf *out, const struct cost_row *r)
{
	char day[11];

	calendar_format_day(r->day, day);
	buf_printf(out, "%s|%.*s|%.*s|%.*s|%.*s|%.*s|", day,
	    STR_ARG(r->account), STR_ARG(r->source), STR_ARG(r->medium),
	    STR_ARG(r->campaign), STR_ARG(r->campaign_id));
	buf_add_micros(out, r->micros);
	buf_printf(out, " %.*s|%lld|%lld\n", STR_ARG(r->currency),
	    (long long)r->clicks, (long long)r->impressions);
}

/* All that SOURCE holds, read as PLATFORM, a line a row. */
static void
read_all(csv_source *source, void *ctx, const struct costs_settings *set,
    struct buf *out)
{
	struct csv *csv = csv_new(source, ctx);
	struct costs *c = costs_new(set);
	struct costs_problem problem = { .column = "" };
	struct cost_row cost;
	struct csv_row row;
	struct error err;
	enum csv_result result;
	bool stopped = false;

	csv_sniff(csv);
	while (!stopped && (result = csv_next(csv, &row, &err)) != CSV_END) {
		assert_int_not_equal(result, CSV_FAILED);
		if (result == CSV_BAD) {
			buf_printf(out, "bad: %s\n", err.text);
			continue;
		}
		switch (costs_take(c, &row, &cost, &problem)) {
		case COSTS_ABOVE:
			buf_add_str(out, STR("above\n"));
			break;
		case COSTS_HEAD:
			buf_printf(out, "head, locale %s\n",
			    locale_name(costs_locale(c)));
			break;
		case COSTS_ROW:
			write_row(out, &cost);
			break;
		case COSTS_TOTAL:
			buf_add_str(out, STR("total\n"));
			break;
		case COSTS_STOP:
			stopped = true; /* fall through */
		case COSTS_REFUSED:
			buf_printf(out, "%s %lld: %s: %s\n",
			    stopped ? "stop" : "refused", (long long)row.line,
			    problem.column, problem.text);
			break;
		}
	}
	if (!stopped && !costs_found(c, &problem))
		buf_printf(
		    out, "no head: %s: %s\n", problem.column, problem.text);
	costs_free(c);
	csv_free(csv);
}

static void
expect_file(const char *platform, const char *name)
{
	struct costs_settings set = { .platform =
					  platform_find(str_of(platform)) };
	struct buf path = { 0 }, got = { 0 }, want = { 0 };
	FILE *file;
	char text[4096];
	size_t n;

	assert_non_null(set.platform);
	buf_printf(&path, "tests/data/costs/%s", name);
	file = fopen(buf_text(&path), "re");
	assert_non_null(file);
	read_all(read_file, file, &set, &got);
	fclose(file);
	buf_add_str(&path, STR(".rows"));
	file = fopen(buf_text(&path), "re");
	while (file != NULL && (n = fread(text, 1, sizeof(text), file)) > 0)
		buf_add(&want, text, n);
	if (file != NULL)
		fclose(file);
	assert_string_equal(buf_text(&got), buf_text(&want));
	buf_free(&path);
	buf_free(&got);
	buf_free(&want);
}

static void
expect_text(
    const struct costs_settings *set, const char *text, const char *want)
{
	struct str rest = str_of(text);
	struct buf got = { 0 };

	read_all(read_text, &rest, set, &got);
	assert_string_equal(buf_text(&got), want);
	buf_free(&got);
}

#define FILE_TEST(title, platform, name)                                       \
	static void title(void **state)                                        \
	{                                                                      \
		(void)state;                                                   \
		expect_file(platform, name);                                   \
	}
FILE_TEST(google_in_english, "google", "google_en.csv")
FILE_TEST(google_in_german_as_utf16, "google", "google_de.tsv")
FILE_TEST(google_in_french, "google", "google_fr.csv")
FILE_TEST(google_in_spanish, "google", "google_es.csv")
FILE_TEST(google_in_italian, "google", "google_it.csv")
FILE_TEST(google_in_dutch, "google", "google_nl.csv")
FILE_TEST(google_in_portuguese, "google", "google_pt.csv")
FILE_TEST(google_api_has_micros, "google", "google_api.csv")
FILE_TEST(meta_has_the_currency_in_its_head, "meta", "meta_en.csv")
FILE_TEST(meta_in_german, "meta", "meta_de.csv")
FILE_TEST(microsoft_has_lines_above_and_below, "microsoft", "microsoft.csv")
FILE_TEST(tiktok_sums_below, "tiktok", "tiktok.csv")
FILE_TEST(linkedin_is_utf16, "linkedin", "linkedin.tsv")
FILE_TEST(pinterest_names_no_currency, "pinterest", "pinterest.csv")
FILE_TEST(reddit_has_dollars, "reddit", "reddit.csv")
FILE_TEST(generic_is_as_ga4_has_it, "generic", "generic.csv")

static void
settings_go_before_the_file(void **state)
{
	struct costs_settings set = { .platform = platform_find(STR("google")),
		.has_locale = true,
		.locale = LOCALE_DE,
		.source = STR("g"),
		.medium = STR("paid"),
		.account = STR("mine"),
		.currency = STR("CHF") };

	(void)state;
	expect_text(&set,
	    "Day,Campaign,Account,Cost\n31.3.2026,a,other,\"1.000,5\"\n",
	    "head, locale de\n2026-03-31|mine|g|paid|a||1000.5 CHF|-1|-1\n");
}

static void
titles_of_two_languages_ask_for_the_locale(void **state)
{
	struct costs_settings set = { .platform =
					  platform_find(STR("tiktok")) };

	(void)state;
	/* "Datum", "Kosten" are German and Dutch. */
	expect_text(&set, "Datum,campaign_name,Kosten\n1-3-2026,a,1\n",
	    "stop 1: : the titles do not tell the language of the numbers: "
	    "say it with --locale\n");
}

static void
a_file_without_a_head_says_what_it_lacks(void **state)
{
	struct costs_settings set = { .platform = platform_find(STR("meta")) };

	(void)state;
	expect_text(&set, "title\nDay,Campaign name,Impressions\n1,2,3\n",
	    "above\nabove\nabove\nno head: cost: column is missing: no row has "
	    "the titles of a meta export by day\n");
	expect_text(&set, "",
	    "no head: date: column is missing: no row has the titles of a "
	    "meta export by day\n");
}

static void
a_title_that_stands_twice_is_refused(void **state)
{
	struct costs_settings set = { .platform =
					  platform_find(STR("generic")) };

	(void)state;
	expect_text(&set, "date,source,medium,campaign,cost,spend\n",
	    "stop 1: cost: column stands twice\n");
}

static void
a_campaign_may_be_called_total(void **state)
{
	struct costs_settings set = { .platform =
					  platform_find(STR("google")) };

	(void)state;
	expect_text(&set,
	    "Campaign,Day,Cost\nTotal: war,2026-03-01,1\nTotal: all,--,1\n"
	    "Totally,--,1\nx,2026-03-01,\ny,2026-03-01,1,1\n",
	    "head, locale en\n2026-03-01||google|cpc|Total: war||1 |-1|-1\n"
	    "total\n"
	    "refused 4: date: not a day: YYYY-MM-DD, or as in locale en\n"
	    "refused 5: cost: not a decimal number of at most six places "
	    "(locale en)\n"
	    "refused 6: : 4 fields where the head has 3\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(google_in_english),
		cmocka_unit_test(google_in_german_as_utf16),
		cmocka_unit_test(google_in_french),
		cmocka_unit_test(google_in_spanish),
		cmocka_unit_test(google_in_italian),
		cmocka_unit_test(google_in_dutch),
		cmocka_unit_test(google_in_portuguese),
		cmocka_unit_test(google_api_has_micros),
		cmocka_unit_test(meta_has_the_currency_in_its_head),
		cmocka_unit_test(meta_in_german),
		cmocka_unit_test(microsoft_has_lines_above_and_below),
		cmocka_unit_test(tiktok_sums_below),
		cmocka_unit_test(linkedin_is_utf16),
		cmocka_unit_test(pinterest_names_no_currency),
		cmocka_unit_test(reddit_has_dollars),
		cmocka_unit_test(generic_is_as_ga4_has_it),
		cmocka_unit_test(settings_go_before_the_file),
		cmocka_unit_test(titles_of_two_languages_ask_for_the_locale),
		cmocka_unit_test(a_file_without_a_head_says_what_it_lacks),
		cmocka_unit_test(a_title_that_stands_twice_is_refused),
		cmocka_unit_test(a_campaign_may_be_called_total),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
