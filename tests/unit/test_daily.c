/* Daily cells: sums of what was added less what was taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "aggregator/report/daily.h"

enum { CREDITS = 3 };

/* A counted purchase over three touches with a partial refund. */
struct example {
	struct conversion c;
	struct credit k[CREDITS];
	int32_t refund_days[1];
	int64_t refund_micros[1];
};

static void
fill(struct example *e, int32_t day)
{
	static const int64_t part[CREDITS] = { 50, 30, 20 };

	*e = (struct example){ .refund_days = { day + 9 },
		.refund_micros = { 10 } };
	for (int i = 0; i < CREDITS; i++) {
		e->k[i].dim = 3 - i;
		e->k[i].conversion_day = day;
		e->k[i].touch_day = day - i;
		for (int m = 0; m < MODEL_COUNT; m++) {
			e->k[i].share[m] = part[i] * 10000;
			e->k[i].value[m] = part[i];
			e->k[i].refund[m] = part[i] / 10;
		}
	}
	e->c = (struct conversion){ .purchase = true,
		.new_customer = true,
		.reporting_micros = 100,
		.refunded_micros = 10,
		.refund_days = e->refund_days,
		.refund_micros = e->refund_micros,
		.refunds_counted = 1,
		.credits = e->k,
		.credit_count = CREDITS };
}

static const struct daily_cell *
find(struct daily *d, int32_t day, int32_t dim, int basis, int model)
{
	size_t n;
	const struct daily_cell *c = daily_cells(d, &n);

	for (size_t i = 0; i < n; i++) {
		if (c[i].day == day && c[i].dim == dim && c[i].basis == basis &&
		    c[i].model == model)
			return &c[i];
	}
	return NULL;
}

static void
what_is_added_and_taken_back_leaves_nothing(void **ctx)
{
	struct daily *d = daily_new();
	struct example e;
	size_t n;

	(void)ctx;
	for (int32_t day = 0; day < 200; day++) {
		fill(&e, day);
		daily_add(d, 1, &e.c);
		daily_add_traffic(d, day, 1, 1, 2);
	}
	for (int32_t day = 200; day-- > 0;) {
		fill(&e, day);
		daily_add(d, -1, &e.c);
		daily_add_traffic(d, day, 1, -1, -2);
	}
	(void)daily_cells(d, &n);
	assert_int_equal(n, 0);
	(void)daily_traffic(d, &n);
	assert_int_equal(n, 0);
	daily_free(d);
}

static void
a_conversion_adds_its_credits_on_both_bases(void **ctx)
{
	struct daily *d = daily_new();
	const struct daily_cell *c;
	struct example e;

	(void)ctx;
	fill(&e, 100);
	daily_add(d, 1, &e.c);
	c = find(d, 100, 2, DAILY_BY_CONVERSION, MODEL_linear);
	assert_non_null(c);
	assert_int_equal(c->conversions, 300000);
	assert_int_equal(c->orders, 300000);
	assert_int_equal(c->new_customers, 300000);
	assert_int_equal(c->value, 30);
	assert_int_equal(c->order_value, 30);
	assert_int_equal(c->refund, 3);
	assert_int_equal(c->booked_refund, 0);
	/* The second touch was the day before. */
	assert_null(find(d, 100, 2, DAILY_BY_TOUCH, MODEL_linear));
	c = find(d, 99, 2, DAILY_BY_TOUCH, MODEL_linear);
	assert_non_null(c);
	assert_int_equal(c->value, 30);
	assert_int_equal(c->refund, 3);
	daily_free(d);
}

static void
a_refund_is_booked_on_its_own_day_by_conversion_only(void **ctx)
{
	struct daily *d = daily_new();
	const struct daily_cell *c;
	struct example e;
	int64_t sum = 0;
	size_t n;

	(void)ctx;
	fill(&e, 100);
	daily_add(d, 1, &e.c);
	c = find(d, 109, 3, DAILY_BY_CONVERSION, MODEL_linear);
	assert_non_null(c);
	assert_int_equal(c->booked_refund, 5);
	assert_int_equal(c->value, 0);
	c = daily_cells(d, &n);
	for (size_t i = 0; i < n; i++) {
		assert_true(c[i].basis == DAILY_BY_CONVERSION ||
			    c[i].booked_refund == 0);
		sum += c[i].booked_refund;
	}
	assert_int_equal(sum, 10 * MODEL_COUNT);
	daily_free(d);
}

static void
a_sign_up_is_no_order(void **ctx)
{
	struct daily *d = daily_new();
	const struct daily_cell *c;
	struct example e;

	(void)ctx;
	fill(&e, 100);
	e.c.purchase = e.c.new_customer = false;
	daily_add(d, 1, &e.c);
	c = find(d, 100, 3, DAILY_BY_CONVERSION, MODEL_linear);
	assert_non_null(c);
	assert_int_equal(c->conversions, 500000);
	assert_int_equal(c->orders, 0);
	assert_int_equal(c->order_value, 0);
	assert_int_equal(c->new_customers, 0);
	daily_free(d);
}

static void
cells_of_one_key_are_one_and_in_key_order(void **ctx)
{
	struct daily *d = daily_new();
	const struct daily_cell *c;
	struct example e;
	size_t n;

	(void)ctx;
	for (int i = 0; i < 600; i++) {
		fill(&e, (i * 7) % 97);
		daily_add(d, 1, &e.c);
	}
	c = daily_cells(d, &n);
	assert_true(n > 1000);
	for (size_t i = 1; i < n; i++) {
		const int64_t a[] = { c[i - 1].day, c[i - 1].dim,
			c[i - 1].basis, c[i - 1].model };
		const int64_t b[] = { c[i].day, c[i].dim, c[i].basis,
			c[i].model };
		int k = 0;

		while (k < 3 && a[k] == b[k])
			k++;
		assert_true(a[k] < b[k]);
	}
	daily_free(d);
}

static void
sums_are_right_after_they_were_read_in_between(void **ctx)
{
	struct daily *d = daily_new();
	const struct daily_traffic *t;
	const struct daily_cell *c;
	struct example e;
	size_t n;

	(void)ctx;
	fill(&e, 5);
	for (int i = 1; i <= 50; i++) {
		daily_add(d, 1, &e.c);
		c = find(d, 5, 3, DAILY_BY_CONVERSION, MODEL_first_touch);
		assert_non_null(c);
		assert_int_equal(c->value, 50 * i);
		daily_add_traffic(d, 60 - i, 4, 1, 3);
		daily_add_traffic(d, 5, 4, 0, 1);
		t = daily_traffic(d, &n);
		assert_int_equal(t[0].day, 5);
	}
	t = daily_traffic(d, &n);
	assert_int_equal(n, 51);
	assert_int_equal(t[0].visits, 0);
	assert_int_equal(t[0].touches, 50);
	for (size_t i = 1; i < n; i++) {
		assert_true(t[i - 1].day < t[i].day);
		assert_int_equal(t[i].visits, 1);
		assert_int_equal(t[i].touches, 3);
	}
	daily_free(d);
}

static void
a_reset_forgets_everything(void **ctx)
{
	struct daily *d = daily_new();
	struct example e;
	size_t n;

	(void)ctx;
	fill(&e, 5);
	daily_add(d, 1, &e.c);
	daily_add_traffic(d, 5, 4, 1, 1);
	daily_reset(d);
	(void)daily_cells(d, &n);
	assert_int_equal(n, 0);
	(void)daily_traffic(d, &n);
	assert_int_equal(n, 0);
	daily_add(d, 1, &e.c);
	assert_int_equal(
	    find(d, 5, 3, DAILY_BY_CONVERSION, MODEL_linear)->value, 50);
	daily_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_and_taken_back_leaves_nothing),
		cmocka_unit_test(a_conversion_adds_its_credits_on_both_bases),
		cmocka_unit_test(
		    a_refund_is_booked_on_its_own_day_by_conversion_only),
		cmocka_unit_test(a_sign_up_is_no_order),
		cmocka_unit_test(cells_of_one_key_are_one_and_in_key_order),
		cmocka_unit_test(
		    sums_are_right_after_they_were_read_in_between),
		cmocka_unit_test(a_reset_forgets_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
