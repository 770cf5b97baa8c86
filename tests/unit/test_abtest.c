/* Experiments against the table of figures in docs/experiments.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "aggregator/report/abtest.h"

/* To the digits that TABLE shows. */
static void
agree(double ours, double table, double within)
{
	if (!(fabs(ours - table) <= within))
		fail_msg("%.17g, not %.17g", ours, table);
}

static const struct abtest_arm a = { .n = 10000, .converted = 1000 };
static const struct abtest_arm b = { .n = 10000, .converted = 1100 };

static void
rates_are_compared_by_z_wald_and_newcombe(void **state)
{
	struct abtest t;

	(void)state;
	abtest_compare(&a, &b, &t);
	agree(t.z, 2.306634774, 5e-10);
	agree(t.z_p, 0.02107518927, 5e-12);
	agree(t.wald_low, 0.00150405913, 5e-12);
	agree(t.wald_high, 0.01849594087, 5e-12);
	agree(t.newcombe_low, 0.00150206507, 5e-12);
	agree(t.newcombe_high, 0.01850151587, 5e-12);
}

static void
one_may_look_at_the_sequential_bound_at_any_time(void **state)
{
	struct abtest t;

	(void)state;
	abtest_compare(&a, &b, &t);
	agree(t.rate_lift.estimate, 0.1, 1e-12);
	agree(t.rate_lift.sequential_low, -0.04220635376, 5e-12);
	agree(t.rate_lift.sequential_high, 0.2422063538, 5e-11);
	agree(t.rate_lift.sequential_p, 0.5490379443, 5e-11);
}

static void
bayes_gives_a_chance_and_a_loss(void **state)
{
	struct abtest t;

	(void)state;
	abtest_compare(&a, &b, &t);
	/* The table's last digit is off: test_special has the exact sum. */
	agree(t.chance, 0.9894573545, 1e-10);
	agree(t.loss[1], 1.55824438e-5, 5e-14);
	agree(t.loss[0] - t.loss[1], 100.0 / 10002, 1e-12);
}

static void
revenue_is_compared_by_welch_and_the_delta_method(void **state)
{
	struct abtest_arm one = { .n = 3407,
		.converted = 20,
		.sum_y = 1396.87,
		.sum_y2 = 52377.9767 };
	struct abtest_arm two = {
		.n = 3461, .converted = 30, .sum_y = 2422.7, .sum_y2 = 134698.29
	};
	struct abtest t;

	(void)state;
	abtest_compare(&one, &two, &t);
	agree(t.t, 2.324022761, 5e-10);
	agree(t.df, 5841.742, 5e-4);
	agree(t.t_p, 0.0201584, 5e-8);
	agree(t.mean_lift.estimate, 0.70732, 5e-6);
	agree(t.mean_lift.low, -0.03526, 5e-6);
	agree(t.mean_lift.high, 1.44989, 5e-6);
	agree(t.mean_lift.p, 0.06191, 5e-6);
}

static void
a_split_that_chance_does_not_make_is_found(void **state)
{
	const double even[] = { 1, 1 }, first[] = { 821588, 815482 };
	const double second[] = { 600, 400 }, none[] = { 0, 0 };
	double chi2;

	(void)state;
	agree(abtest_srm(first, even, 2, &chi2), 1.8218e-6, 5e-11);
	agree(chi2, 22.77, 5e-3);
	agree(abtest_srm(second, even, 2, &chi2), 2.5396e-10, 5e-15);
	agree(chi2, 40, 1e-12);
	agree(abtest_srm(none, even, 2, &chi2), 1, 0);
	agree(abtest_srm(second, (const double[]){ 3, 2 }, 2, &chi2), 1, 0);
}

static void
the_planner_says_how_many_customers_an_arm_needs(void **state)
{
	(void)state;
	agree(abtest_plan_rate(0.2, 0.05, 0.05, 0.8), 1030.22, 5e-3);
	agree(abtest_plan_rate(0.05, 0.005, 0.05, 0.8), 30244.40, 5e-3);
	agree(abtest_plan_mean(10, 1, 0.05, 0.8), 1569.776, 5e-3);
}

/* What was spent before explains all of what is spent after. */
static void
cuped_takes_out_what_was_there_before(void **state)
{
	struct abtest_arm one = { 4, 4, 10, 30, 10, 30, 30 };
	struct abtest_arm two = { 4, 4, 14, 54, 10, 30, 40 };
	struct abtest t;

	(void)state;
	abtest_compare(&one, &two, &t);
	agree(t.cuped_theta, 1, 1e-12);
	agree(t.cuped_reduction, 1, 1e-12);
	assert_true(isnan(t.cuped_lift.estimate)); /* no variance is left */
}

static void
nothing_is_said_of_arms_without_customers_or_sales(void **state)
{
	struct abtest_arm none = { 0 }, few = { .n = 50, .converted = 20 };
	struct abtest_arm idle = { .n = 5000 };
	struct abtest t;

	(void)state;
	abtest_compare(&none, &none, &t);
	assert_true(isnan(t.z) && isnan(t.mean_lift.estimate));
	abtest_compare(&idle, &idle, &t);
	assert_true(isnan(t.rate_lift.estimate) && isnan(t.t));
	assert_false(abtest_has_enough(&a, &few));
	assert_false(abtest_has_enough(&idle, &idle));
	assert_true(abtest_has_enough(&a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_compared_by_z_wald_and_newcombe),
		cmocka_unit_test(
		    one_may_look_at_the_sequential_bound_at_any_time),
		cmocka_unit_test(bayes_gives_a_chance_and_a_loss),
		cmocka_unit_test(
		    revenue_is_compared_by_welch_and_the_delta_method),
		cmocka_unit_test(a_split_that_chance_does_not_make_is_found),
		cmocka_unit_test(
		    the_planner_says_how_many_customers_an_arm_needs),
		cmocka_unit_test(cuped_takes_out_what_was_there_before),
		cmocka_unit_test(
		    nothing_is_said_of_arms_without_customers_or_sales),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
