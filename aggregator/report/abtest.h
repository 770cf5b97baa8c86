/*
 * abtest.h - two arms of an experiment, held against each other.
 *
 * The statistics of an arm are sums over its customers, so arms of parts add
 * up. Everything here is a pure function of such sums; docs/experiments.md
 * says which formula is whose.
 */
#ifndef AGGREGATOR_REPORT_ABTEST_H
#define AGGREGATOR_REPORT_ABTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ABTEST_ALPHA 0.05
#define ABTEST_SRM_ALPHA 0.001
#define ABTEST_SEQUENTIAL_N 5000 /* customers the bound is tightest at */
/* Below these a comparison says nothing yet. */
#define ABTEST_CUSTOMERS_LEAST 100  /* in either arm */
#define ABTEST_CONVERSIONS_LEAST 10 /* in both */

/* Y is a customer's revenue, X the same before its exposure. */
struct abtest_arm {
	double n;
	double converted; /* customers */
	double sum_y, sum_y2;
	double sum_x, sum_x2, sum_xy;
};

/* NAN: cannot be said, as of no customers or of no variation. */
struct abtest_effect {
	double estimate;
	double low, high;                       /* fixed horizon */
	double p;                               /* fixed horizon */
	double sequential_low, sequential_high; /* at any time */
	double sequential_p;
};

struct abtest {
	double rate[2], mean[2];
	/* Difference of the rates. */
	double difference, z, z_p;
	double wald_low, wald_high, newcombe_low, newcombe_high;
	/* Difference of the revenues per customer. */
	double mean_difference, mean_low, mean_high, t, df, t_p;
	/* Relative lifts; of the last, revenue adjusted by what it was before.
	 */
	struct abtest_effect rate_lift, mean_lift, cuped_lift;
	double cuped_theta;
	double cuped_reduction; /* of the variance of the difference */
	double chance;          /* that the second's rate is higher */
	double loss[2];         /* of rate, expected, when one is chosen */
};

/* Holds B against the control A. */
void abtest_compare(
    const struct abtest_arm *a, const struct abtest_arm *b, struct abtest *out);
bool abtest_has_enough(const struct abtest_arm *a, const struct abtest_arm *b);

/* Chi-square of COUNT arms' customers against their weights, and how likely
 * one as high is by chance; 1 when there are no customers. */
double abtest_srm(
    const double *n, const double *weight_of, size_t count, double *chi2);

/* Customers an arm to find a rate that differs by D from P. */
double abtest_plan_rate(double p, double d, double alpha, double power);
/* The same for means that differ by D, where customers vary by SD. */
double abtest_plan_mean(double sd, double d, double alpha, double power);

#endif
