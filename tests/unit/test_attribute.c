/* A customer's touches and conversions against DEFINITIONS.md 2 and 3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "aggregator/models/attribute.h"

#define HOUR INT64_C(3600000)
#define NOON (INT64_C(1700000000000) / DAY_MS * DAY_MS + 12 * HOUR)
#define LOOKBACK (30 * DAY_MS)
#define UNIT INT64_C(1000000)
#define UNATTRIBUTED 99

static struct arena *arena;
static struct zone *utc;

static int
start(void **ctx)
{
	struct error err;

	(void)ctx;
	arena = arena_new(1 << 16);
	utc = zone_open("UTC", &err);
	return utc == NULL;
}

static int
finish(void **ctx)
{
	(void)ctx;
	arena_free(arena);
	zone_free(utc);
	return 0;
}

/* A touch from campaign DIM at TS_MS. */
static struct touch
touch(int64_t ts_ms, int32_t dim)
{
	return (struct touch){ ts_ms, arena_printf(arena, "t%03d", (int)dim),
		dim, false, -1 };
}

/* A purchase of VALUE at TS_MS in the site's currency. */
static struct conversion
purchase(int64_t ts_ms, int64_t value)
{
	return (struct conversion){ .site = STR("shop"),
		.event_id = STR("c"),
		.zone = utc,
		.ts_ms = ts_ms,
		.lookback_ms = LOOKBACK,
		.value_micros = value,
		.purchase = true,
		.unattributed_dim = UNATTRIBUTED };
}

static void
attribute_one(const struct touch *t, size_t count, struct conversion *c)
{
	attribute(t, count, c, 1, arena);
}

/* --- the path ------------------------------------------------------------- */

static void
the_look_back_includes_both_its_ends(void **ctx)
{
	struct touch t[] = { touch(NOON - LOOKBACK - 1, 1),
		touch(NOON - LOOKBACK, 2), touch(NOON, 3), touch(NOON + 1, 4) };
	struct conversion c = purchase(NOON, UNIT);

	(void)ctx;
	attribute_one(t, 4, &c);
	assert_int_equal(c.credit_count, 2);
	assert_int_equal(c.credits[0].dim, 2);
	assert_int_equal(c.credits[0].touch_no, 1);
	assert_int_equal(c.credits[0].value[MODEL_first_touch], UNIT);
	assert_int_equal(c.credits[1].dim, 3);
	assert_int_equal(c.credits[1].touch_no, 2);
	assert_int_equal(c.credits[1].value[MODEL_last_touch], UNIT);
}

static void
a_touch_at_the_conversions_millisecond_takes_part(void **ctx)
{
	struct touch t[] = { touch(NOON, 7) };
	struct conversion c = purchase(NOON, UNIT);

	(void)ctx;
	c.lookback_ms = 0;
	attribute_one(t, 1, &c);
	assert_int_equal(c.credit_count, 1);
	assert_true(c.credits[0].has_touch);
	assert_int_equal(c.credits[0].dim, 7);
	for (int m = 0; m < MODEL_COUNT; m++)
		assert_int_equal(c.credits[0].value[m], UNIT);
}

static void
each_conversion_has_its_own_look_back(void **ctx)
{
	struct touch t[] = { touch(NOON - 8 * DAY_MS, 1),
		touch(NOON - DAY_MS, 2) };
	struct conversion c[] = { purchase(NOON, UNIT), purchase(NOON, UNIT) };

	(void)ctx;
	c[0].lookback_ms = 7 * DAY_MS;
	attribute(t, 2, c, 2, arena);
	assert_int_equal(c[0].credit_count, 1);
	assert_int_equal(c[0].credits[0].dim, 2);
	assert_int_equal(c[1].credit_count, 2);
}

static void
a_conversion_does_not_end_the_path(void **ctx)
{
	struct touch t[] = { touch(NOON - DAY_MS, 1) };
	struct conversion c[] = { purchase(NOON - HOUR, UNIT),
		purchase(NOON, UNIT) };

	(void)ctx;
	attribute(t, 1, c, 2, arena);
	assert_int_equal(c[0].credits[0].dim, 1);
	assert_int_equal(c[1].credits[0].dim, 1);
}

static void
a_conversion_without_a_touch_is_unattributed_in_full(void **ctx)
{
	struct touch late[] = { touch(NOON + 1, 1) };
	struct conversion c = purchase(NOON, 5 * UNIT);

	(void)ctx;
	attribute_one(late, 1, &c);
	assert_int_equal(c.state, OUTCOME_COUNTED);
	assert_int_equal(c.credit_count, 1);
	assert_false(c.credits[0].has_touch);
	assert_int_equal(c.credits[0].touch_no, 0);
	assert_int_equal(c.credits[0].dim, UNATTRIBUTED);
	assert_int_equal(c.credits[0].touch_day, c.day);
	for (int m = 0; m < MODEL_COUNT; m++) {
		assert_int_equal(c.credits[0].share[m], 1000000);
		assert_int_equal(c.credits[0].value[m], 5 * UNIT);
	}
}

static void
last_non_direct_passes_over_direct_touches(void **ctx)
{
	struct touch t[] = { touch(NOON - 3 * HOUR, 1),
		touch(NOON - 2 * HOUR, 2), touch(NOON - HOUR, 3) };
	struct conversion c = purchase(NOON, UNIT);

	(void)ctx;
	t[2].direct = true;
	attribute_one(t, 3, &c);
	assert_int_equal(c.credits[1].value[MODEL_last_non_direct], UNIT);
	assert_int_equal(c.credits[2].value[MODEL_last_touch], UNIT);
	t[0].direct = t[1].direct = true;
	c = purchase(NOON, UNIT);
	attribute_one(t, 3, &c);
	assert_int_equal(c.credits[2].value[MODEL_last_non_direct], UNIT);
}

static void
days_are_those_of_the_sites_zone(void **ctx)
{
	struct error err;
	struct zone *berlin = zone_open("Europe/Berlin", &err);
	/* 2026-03-29 22:30 UTC is 00:30 on the 30th; the clocks went forward
	 * that morning, so the 29th began at 23:00 UTC of the 28th. */
	int64_t day_ms = calendar_day(2026, 3, 29) * DAY_MS;
	struct touch t[] = { touch(day_ms - HOUR - 1, 1),
		touch(day_ms - HOUR, 2), touch(day_ms + 22 * HOUR - 1, 3) };
	struct conversion c = purchase(day_ms + 22 * HOUR, UNIT);

	(void)ctx;
	assert_non_null(berlin);
	c.zone = berlin;
	attribute_one(t, 3, &c);
	assert_int_equal(c.day, calendar_day(2026, 3, 30));
	assert_int_equal(c.credits[0].touch_day, calendar_day(2026, 3, 28));
	assert_int_equal(c.credits[1].touch_day, calendar_day(2026, 3, 29));
	assert_int_equal(c.credits[2].touch_day, calendar_day(2026, 3, 29));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(c.credits[i].conversion_day, c.day);
	zone_free(berlin);
}

/* --- what counts ------------------------------------------------------------
 */

static void
a_duplicate_gets_no_credit_and_no_refund(void **ctx)
{
	struct touch t[] = { touch(NOON - HOUR, 1) };
	struct refund r[] = { { NOON + HOUR, STR("r"), UNIT } };
	struct conversion c = purchase(NOON, UNIT);

	(void)ctx;
	c.duplicate = true;
	c.refunds = r;
	c.refund_count = 1;
	attribute_one(t, 1, &c);
	assert_int_equal(c.state, OUTCOME_DUPLICATE);
	assert_int_equal(c.credit_count, 0);
	assert_int_equal(c.reporting_micros, 0);
	assert_int_equal(c.refunds_counted, 0);
	assert_int_equal(c.refunded_micros, 0);
	assert_false(c.new_customer);
}

static void
a_currency_without_a_rate_waits_and_counts_nothing(void **ctx)
{
	struct touch t[] = { touch(NOON - HOUR, 1) };
	struct refund r[] = { { NOON + HOUR, STR("r"), UNIT } };
	struct conversion c = purchase(NOON, UNIT);

	(void)ctx;
	c.foreign = true;
	c.refunds = r;
	c.refund_count = 1;
	attribute_one(t, 1, &c);
	assert_int_equal(c.state, OUTCOME_WAITING);
	assert_int_equal(c.credit_count, 0);
	assert_int_equal(c.reporting_micros, 0);
	assert_int_equal(c.refunded_micros, 0);
	assert_int_equal(c.day, NOON / DAY_MS);
}

static void
a_foreign_value_is_converted_half_away_from_zero(void **ctx)
{
	struct conversion c = purchase(NOON, 3);

	(void)ctx;
	c.foreign = c.has_rate = true;
	c.rate_micros = 500000; /* 1.5 micros */
	attribute_one(NULL, 0, &c);
	assert_int_equal(c.reporting_micros, 2);
	assert_int_equal(c.credits[0].value[MODEL_linear], 2);
	assert_int_equal(attribute_convert(-3, 500000), -2);
	assert_int_equal(attribute_convert(2999998, 500000), 1499999);
	assert_int_equal(attribute_convert(1, 499999), 0);
	assert_int_equal(attribute_convert(INT64_MAX, 2 * UNIT), INT64_MAX);
	assert_int_equal(attribute_convert(-INT64_MAX, 2 * UNIT), -INT64_MAX);
	assert_int_equal(attribute_convert(INT64_MAX, UNIT), INT64_MAX);
}

static void
the_first_purchase_that_is_no_duplicate_makes_the_new_customer(void **ctx)
{
	struct conversion c[] = { purchase(NOON - 4, UNIT),
		purchase(NOON - 3, UNIT), purchase(NOON - 2, UNIT),
		purchase(NOON - 1, UNIT) };

	(void)ctx;
	c[0].purchase = false; /* a sign-up */
	c[1].duplicate = true;
	attribute(NULL, 0, c, 4, arena);
	assert_false(c[0].new_customer);
	assert_false(c[1].new_customer);
	assert_true(c[2].new_customer);
	assert_false(c[3].new_customer);
}

static void
a_waiting_purchase_was_still_the_customers_first(void **ctx)
{
	struct conversion c[] = { purchase(NOON - 1, UNIT),
		purchase(NOON, UNIT) };

	(void)ctx;
	c[0].foreign = true;
	attribute(NULL, 0, c, 2, arena);
	assert_false(c[1].new_customer);
}

/* --- refunds
 * ------------------------------------------------------------------ */

static int64_t
refund_sum(const struct conversion *c, int model)
{
	int64_t sum = 0;

	for (size_t i = 0; i < c->credit_count; i++)
		sum += c->credits[i].refund[model];
	return sum;
}

static void
a_partial_refund_follows_the_original_credits(void **ctx)
{
	struct touch t[] = { touch(NOON - 3 * HOUR, 1),
		touch(NOON - 2 * HOUR, 2), touch(NOON - HOUR, 3) };
	struct refund r[] = { { NOON + DAY_MS, STR("r"), 25 * UNIT } };
	struct conversion c = purchase(NOON, 100 * UNIT);

	(void)ctx;
	c.refunds = r;
	c.refund_count = 1;
	attribute_one(t, 3, &c);
	assert_int_equal(c.refunded_micros, 25 * UNIT);
	assert_int_equal(c.refund_days[0], NOON / DAY_MS + 1);
	assert_int_equal(c.refund_micros[0], 25 * UNIT);
	assert_int_equal(c.credits[0].refund[MODEL_first_touch], 25 * UNIT);
	assert_int_equal(c.credits[2].refund[MODEL_last_touch], 25 * UNIT);
	assert_int_equal(c.credits[0].refund[MODEL_position_based], 10 * UNIT);
	assert_int_equal(c.credits[1].refund[MODEL_position_based], 5 * UNIT);
	assert_int_equal(c.credits[2].refund[MODEL_position_based], 10 * UNIT);
	/* The count stays. */
	assert_int_equal(c.credits[0].share[MODEL_first_touch], 1000000);
}

static void
repeated_refunds_add_up_and_are_capped_at_the_value(void **ctx)
{
	struct refund r[] = { { NOON + 1, STR("a"), 40 * UNIT },
		{ NOON + DAY_MS, STR("b"), 50 * UNIT },
		{ NOON + 2 * DAY_MS, STR("c"), 50 * UNIT },
		{ NOON + 3 * DAY_MS, STR("d"), UNIT } };
	struct touch t[] = { touch(NOON - HOUR, 1), touch(NOON, 2) };
	struct conversion c = purchase(NOON, 100 * UNIT);

	(void)ctx;
	c.refunds = r;
	c.refund_count = 4;
	attribute_one(t, 2, &c);
	assert_int_equal(c.refunds_counted, 3);
	assert_int_equal(c.refund_micros[0], 40 * UNIT);
	assert_int_equal(c.refund_micros[1], 50 * UNIT);
	assert_int_equal(c.refund_micros[2], 10 * UNIT);
	assert_int_equal(c.refunded_micros, 100 * UNIT);
	for (int m = 0; m < MODEL_COUNT; m++) {
		assert_int_equal(refund_sum(&c, m), 100 * UNIT);
		for (size_t i = 0; i < 2; i++)
			assert_int_equal(
			    c.credits[i].refund[m], c.credits[i].value[m]);
	}
}

static void
a_refund_dated_before_its_order_counts(void **ctx)
{
	struct refund r[] = { { NOON - DAY_MS, STR("r"), UNIT } };
	struct conversion c = purchase(NOON, 4 * UNIT);

	(void)ctx;
	c.refunds = r;
	c.refund_count = 1;
	attribute_one(NULL, 0, &c);
	assert_int_equal(c.refunded_micros, UNIT);
	assert_int_equal(c.refund_days[0], NOON / DAY_MS - 1);
}

static void
a_refund_takes_the_rate_of_its_conversion(void **ctx)
{
	struct refund r[] = { { NOON + DAY_MS, STR("r"), 10 * UNIT } };
	struct conversion c = purchase(NOON, 20 * UNIT);

	(void)ctx;
	c.foreign = c.has_rate = true;
	c.rate_micros = 1100000;
	c.refunds = r;
	c.refund_count = 1;
	attribute_one(NULL, 0, &c);
	assert_int_equal(c.reporting_micros, 22 * UNIT);
	assert_int_equal(c.refunded_micros, 11 * UNIT);
}

static void
nothing_can_be_refunded_of_a_conversion_without_value(void **ctx)
{
	struct refund r[] = { { NOON, STR("r"), UNIT } };
	struct conversion c = purchase(NOON, 0);

	(void)ctx;
	c.refunds = r;
	c.refund_count = 1;
	attribute_one(NULL, 0, &c);
	assert_int_equal(c.refunds_counted, 0);
	assert_int_equal(c.refunded_micros, 0);
	assert_int_equal(c.credits[0].refund[MODEL_linear], 0);
}

/* --- whatever the customer
 * ------------------------------------------------------ */

static uint64_t state = 88172645463325252u;

static uint64_t
below(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

enum { MOST = 40 };
struct customer {
	struct touch t[MOST];
	size_t touches;
	struct refund r[4][3];
	struct conversion c[4];
	size_t conversions;
};

static int
by_ts(const void *a, const void *b)
{
	const struct touch *x = a, *y = b;

	return (x->ts_ms > y->ts_ms) - (x->ts_ms < y->ts_ms);
}

static void
draw(struct customer *k)
{
	*k = (struct customer){ .touches = below(MOST + 1),
		.conversions = 1 + below(4) };
	for (size_t i = 0; i < k->touches; i++) {
		k->t[i] = touch(
		    NOON - (int64_t)below(60 * DAY_MS), (int32_t)below(5));
		k->t[i].direct = k->t[i].dim == 0;
	}
	if (k->touches > 0)
		qsort(k->t, k->touches, sizeof(k->t[0]), by_ts);
	for (size_t i = 0; i < k->conversions; i++) {
		struct conversion *c = &k->c[i];

		*c = purchase(NOON + (int64_t)(i * below(DAY_MS)),
		    (int64_t)below(UINT64_C(1) << below(40)));
		c->foreign = below(5) == 0;
		c->has_rate = below(4) > 0;
		c->rate_micros = 1 + (int64_t)below(3000000);
		c->duplicate = below(8) == 0;
		c->refunds = k->r[i];
		c->refund_count = below(4);
		for (size_t r = 0; r < c->refund_count; r++)
			c->refunds[r] =
			    (struct refund){ c->ts_ms + (int64_t)r, STR("r"),
				    1 + (int64_t)below(
					    (uint64_t)c->value_micros + 1) };
	}
}

static void
assert_adds_up(const struct conversion *c, int m)
{
	int64_t share = 0, value = 0, refund = 0;

	for (size_t i = 0; i < c->credit_count; i++) {
		const struct credit *k = &c->credits[i];

		assert_true(k->share[m] >= 0 && k->value[m] >= 0);
		assert_true(k->refund[m] >= 0);
		share += k->share[m];
		value += k->value[m];
		refund += k->refund[m];
	}
	assert_int_equal(share, c->state == OUTCOME_COUNTED ? 1000000 : 0);
	assert_int_equal(value, c->reporting_micros);
	assert_int_equal(refund, c->refunded_micros);
}

static void
credits_and_refunds_of_20000_customers_add_up_exactly(void **ctx)
{
	static struct customer k;
	size_t counted = 0, split = 0;

	(void)ctx;
	for (int n = 0; n < 20000; n++) {
		arena_reset(arena);
		draw(&k);
		attribute(k.t, k.touches, k.c, k.conversions, arena);
		for (size_t i = 0; i < k.conversions; i++) {
			const struct conversion *c = &k.c[i];
			int64_t booked = 0;

			counted += c->state == OUTCOME_COUNTED;
			split += c->credit_count > 1;
			for (int m = 0; m < MODEL_COUNT; m++)
				assert_adds_up(c, m);
			for (size_t r = 0; r < c->refunds_counted; r++)
				booked += c->refund_micros[r];
			assert_int_equal(booked, c->refunded_micros);
			assert_true(c->refunded_micros <= c->reporting_micros);
		}
	}
	/* The customers were worth drawing. */
	assert_true(counted > 20000 && split > 20000);
}

static void
other_conversions_of_the_customer_change_no_credit(void **ctx)
{
	static struct customer k;

	(void)ctx;
	for (int n = 0; n < 500; n++) {
		arena_reset(arena);
		draw(&k);
		for (size_t i = 0; i < k.conversions; i++) {
			struct conversion alone = k.c[i];

			attribute(k.t, k.touches, &k.c[i], 1, arena);
			attribute(k.t, k.touches, &alone, 1, arena);
			attribute(k.t, k.touches, k.c, k.conversions, arena);
			assert_int_equal(
			    alone.credit_count, k.c[i].credit_count);
			if (alone.credit_count > 0)
				assert_memory_equal(alone.credits,
				    k.c[i].credits,
				    alone.credit_count *
					sizeof(*alone.credits));
		}
	}
}

/* The refunds of a split come from the credits alone. */
static void
a_refund_of_a_worthless_credit_follows_its_shares(void **ctx)
{
	struct credit k[2] = { 0 };
	int64_t part[2];

	(void)ctx;
	k[0].share[MODEL_linear] = 250000;
	k[1].share[MODEL_linear] = 750000;
	attribute_split_refund(k, 2, MODEL_linear, 8, part);
	assert_int_equal(part[0], 2);
	assert_int_equal(part[1], 6);
	k[0].value[MODEL_linear] = 1;
	attribute_split_refund(k, 2, MODEL_linear, 8, part);
	assert_int_equal(part[0], 8);
	assert_int_equal(part[1], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_look_back_includes_both_its_ends),
		cmocka_unit_test(
		    a_touch_at_the_conversions_millisecond_takes_part),
		cmocka_unit_test(each_conversion_has_its_own_look_back),
		cmocka_unit_test(a_conversion_does_not_end_the_path),
		cmocka_unit_test(
		    a_conversion_without_a_touch_is_unattributed_in_full),
		cmocka_unit_test(last_non_direct_passes_over_direct_touches),
		cmocka_unit_test(days_are_those_of_the_sites_zone),
		cmocka_unit_test(a_duplicate_gets_no_credit_and_no_refund),
		cmocka_unit_test(
		    a_currency_without_a_rate_waits_and_counts_nothing),
		cmocka_unit_test(
		    a_foreign_value_is_converted_half_away_from_zero),
		cmocka_unit_test(
		    the_first_purchase_that_is_no_duplicate_makes_the_new_customer),
		cmocka_unit_test(
		    a_waiting_purchase_was_still_the_customers_first),
		cmocka_unit_test(a_partial_refund_follows_the_original_credits),
		cmocka_unit_test(
		    repeated_refunds_add_up_and_are_capped_at_the_value),
		cmocka_unit_test(a_refund_dated_before_its_order_counts),
		cmocka_unit_test(a_refund_takes_the_rate_of_its_conversion),
		cmocka_unit_test(
		    nothing_can_be_refunded_of_a_conversion_without_value),
		cmocka_unit_test(
		    credits_and_refunds_of_20000_customers_add_up_exactly),
		cmocka_unit_test(
		    other_conversions_of_the_customer_change_no_credit),
		cmocka_unit_test(
		    a_refund_of_a_worthless_credit_follows_its_shares),
	};

	return cmocka_run_group_tests(tests, start, finish);
}
