/* The engine over a set of events in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "aggregator/report/offline.h"
#include "aggregator/report/sheets.h"

#define NOON INT64_C(1772366400000) /* 2026-03-01T12:00:00Z */

static const char sites_yaml[] = "sites:\n"
				 "  - id: shop\n"
				 "    timezone: UTC\n"
				 "    currency: USD\n";

static struct arena *arena;
static struct sites sites;
static struct rules *rules;

static int
set_up(void **ctx)
{
	struct buf problems = { NULL, 0, 0 };
	struct error err;
	struct site *site;

	(void)ctx;
	arena = arena_new(1 << 14);
	if (!config_read("sites", str_of(sites_yaml), site_settings, &sites,
		arena, &problems))
		return 1;
	site = sites.list.at;
	site->zone = zone_open(site->timezone, &err);
	rules = rules_load("config/channels.yaml", &problems);
	buf_free(&problems);
	return rules == NULL || site->zone == NULL;
}

static int
tear_down(void **ctx)
{
	(void)ctx;
	rules_free(rules);
	sites_close(&sites);
	arena_free(arena);
	return 0;
}

struct hit {
	const char *id, *type, *visitor, *user, *source, *order, *value,
	    *currency, *lane;
	int64_t day; /* after the 1st of March 2026 */
};

/* What was told, a line a conversion. */
struct told {
	struct buf text;
	const struct offline *o;
};

static void
counted(void *ctx, struct hash128 customer, const struct conversion_fact *fact,
    const struct conversion *c)
{
	struct told *t = ctx;

	(void)customer;
	(void)fact;
	buf_printf(&t->text, "%.*s", STR_ARG(c->event_id));
	for (size_t i = 0; i < c->credit_count; i++) {
		buf_printf(&t->text, " %.*s ",
		    STR_ARG(offline_dim(t->o, c->credits[i].dim)->source));
		buf_add_micros(&t->text, c->credits[i].value[MODEL_linear]);
	}
	buf_printf(&t->text, " -");
	buf_add_micros(&t->text, c->refunded_micros);
	buf_add_char(&t->text, '\n');
}

static void
waits(void *ctx, const struct conversion_fact *fact, const struct conversion *c)
{
	struct told *t = ctx;

	(void)fact;
	buf_printf(&t->text, "%.*s waits\n", STR_ARG(c->event_id));
}

static struct offline *
play(const struct hit *hits, size_t count, const int *order, struct told *told)
{
	struct offline *o = offline_new(&sites, rules);
	struct offline_sink sink = { told, counted, waits };
	struct error err;

	for (size_t i = 0; i < count; i++) {
		const struct hit *h =
		    &hits[order == NULL ? i : (size_t)order[i]];
		struct record r = { .v = 1,
			.event_id = str_of(h->id),
			.type = str_of(h->type),
			.site = STR("shop"),
			.lane = h->lane ? str_of(h->lane) : STR("server"),
			.time = NOON + h->day * DAY_MS,
			.received_at = NOON + h->day * DAY_MS,
			.visitor_id = str_of(h->visitor),
			.session_id = h->visitor ? str_of(h->id) : STR_EMPTY,
			.user_id = str_of(h->user),
			.source = str_of(h->source),
			.medium = str_of(h->source ? "cpc" : NULL),
			.order_id = str_of(h->order),
			.value = str_of(h->value),
			.currency = str_of(h->currency),
			.user_agent = STR("Mozilla/5.0 Firefox/128.0") };

		assert_true(offline_add(o, &r, &err));
	}
	told->o = o;
	offline_run(o, &sink);
	return o;
}

#define PLAY(hits, told)                                                       \
	play(hits, sizeof(hits) / sizeof((hits)[0]), NULL, told)

static void
a_link_learned_late_joins_two_devices(void **ctx)
{
	static const struct hit hits[] = {
		{ .id = "ad",
		    .type = "page",
		    .visitor = "phone",
		    .source = "google",
		    .day = 0 },
		{ .id = "buy",
		    .type = "conversion",
		    .visitor = "desk",
		    .order = "1",
		    .value = "10",
		    .day = 1 },
		{ .id = "in1",
		    .type = "identify",
		    .visitor = "phone",
		    .user = "ann",
		    .day = 2 },
		{ .id = "in2",
		    .type = "identify",
		    .visitor = "desk",
		    .user = "ann",
		    .day = 3 },
	};
	struct told told = { .o = NULL };
	struct offline *o = PLAY(hits, &told);

	(void)ctx;
	assert_string_equal(
	    buf_text(&told.text), "buy google 5 (direct) 5 -0\n");
	assert_int_equal(offline_counts(o)->customers, 1);
	assert_int_equal(offline_counts(o)->visits, 4);
	offline_free(o);
	buf_free(&told.text);
}

static void
the_verified_one_of_an_order_counts_once(void **ctx)
{
	static const struct hit hits[] = {
		{ .id = "claimed",
		    .type = "conversion",
		    .visitor = "v",
		    .order = "1",
		    .value = "99",
		    .lane = "browser",
		    .day = 0 },
		{ .id = "signed",
		    .type = "conversion",
		    .visitor = "v",
		    .order = "1",
		    .value = "10",
		    .day = 1 },
		{ .id = "signed",
		    .type = "conversion",
		    .visitor = "v",
		    .order = "1",
		    .value = "11",
		    .day = 2 },
		{ .id = "back",
		    .type = "refund",
		    .order = "1",
		    .value = "4",
		    .day = -1 },
		{ .id = "back2",
		    .type = "refund",
		    .order = "1",
		    .value = "40",
		    .day = 3 },
		{ .id = "odd", .type = "refund", .order = "7", .value = "1" },
	};
	struct told told = { .o = NULL };
	struct offline *o = PLAY(hits, &told);
	const struct offline_counts *n = offline_counts(o);

	(void)ctx;
	assert_string_equal(
	    buf_text(&told.text), "signed (direct) 5 (direct) 5 -10\n");
	assert_int_equal(n->duplicates, 1);
	assert_int_equal(n->repeats, 1);
	assert_int_equal(n->refunds, 3);
	assert_int_equal(n->refunds_waiting, 1);
	offline_free(o);
	buf_free(&told.text);
}

static void
a_rate_is_good_for_a_week_and_its_last_line_counts(void **ctx)
{
	struct offline *o = offline_new(&sites, rules);
	struct told told = { .o = o };
	struct offline_sink sink = { &told, counted, waits };
	int32_t day = (int32_t)(NOON / DAY_MS);
	struct error err;

	(void)ctx;
	offline_rate(o, STR("USD"), STR("EUR"), day, 3000000);
	offline_rate(o, STR("USD"), STR("EUR"), day, 2000000);
	for (int i = 0; i < 2; i++) {
		struct record r = { .event_id = i ? STR("b") : STR("a"),
			.type = STR("conversion"),
			.site = STR("shop"),
			.lane = STR("server"),
			.time = NOON + (7 + i) * DAY_MS,
			.received_at = NOON + (7 + i) * DAY_MS,
			.value = STR("1.5"),
			.currency = STR("EUR") };

		assert_true(offline_add(o, &r, &err));
	}
	offline_run(o, &sink);
	assert_non_null(strstr(buf_text(&told.text), "a (none) 3 -0\n"));
	assert_non_null(strstr(buf_text(&told.text), "b waits\n"));
	assert_int_equal(offline_counts(o)->unattributed, 1);
	offline_free(o);
	buf_free(&told.text);
}

static void
a_time_no_row_can_hold_is_refused(void **ctx)
{
	static const int64_t times[] = { 1, DAY_MS, INT64_C(1) << 42,
		INT64_C(1) << 52 };
	struct offline *o = offline_new(&sites, rules);
	struct error err;

	(void)ctx;
	for (int i = 0; i < 8; i++) {
		struct record r = { .event_id = STR("a"),
			.type = STR("page"),
			.site = STR("shop"),
			.lane = STR("server"),
			.time = i < 4 ? times[i] : NOON,
			.received_at = NOON,
			.session_start = i < 4 ? 0 : times[i - 4] };

		assert_false(offline_add(o, &r, &err));
		assert_int_equal(err.kind, ERROR_REJECT);
	}
	assert_int_equal(offline_counts(o)->events, 0);
	offline_free(o);
}

static bool
keep(void *ctx, struct buf *out)
{
	(void)ctx;
	(void)out;
	return true;
}

static void
a_cost_counts_once_a_day_and_campaign(void **ctx)
{
	struct offline *o = offline_new(&sites, rules);
	struct offline_sink sink = { NULL, NULL, NULL };
	struct offline_cost c = { .site = sites.list.at,
		.day = 20000,
		.currency = STR("USD"),
		.micros = 1500000,
		.clicks = 2,
		.impressions = -1 };
	struct buf out = { NULL, 0, 0 };

	(void)ctx;
	classify_names(
	    rules, c.site, STR("X"), STR("cpc"), STR("y"), arena, &c.origin);
	assert_true(offline_cost(o, &c));
	assert_false(offline_cost(o, &c));
	c.campaign_id = STR("2");
	c.clicks = -1;
	assert_true(offline_cost(o, &c));
	offline_run(o, &sink);
	assert_true(sheets_daily(o, &out, keep, NULL));
	assert_non_null(strstr(buf_text(&out),
	    "shop,2024-10-04,touch,linear,Paid Social,x,cpc,y,0,0,0.000000,"
	    "0.000000,0.000000,0.000000,0.000000,0.000000,,2,3.000000,"
	    "0.00000000000000000000,-1.00000000000000000000,"));
	buf_free(&out);
	offline_free(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_learned_late_joins_two_devices),
		cmocka_unit_test(the_verified_one_of_an_order_counts_once),
		cmocka_unit_test(
		    a_rate_is_good_for_a_week_and_its_last_line_counts),
		cmocka_unit_test(a_time_no_row_can_hold_is_refused),
		cmocka_unit_test(a_cost_counts_once_a_day_and_campaign),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
