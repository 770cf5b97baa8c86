/*
 * special.h - the distribution functions that tests of experiments need.
 * Pure; good to 1e-10 for counts up to many millions.
 */
#ifndef AGGREGATOR_REPORT_SPECIAL_H
#define AGGREGATOR_REPORT_SPECIAL_H

double special_normal_cdf(double x);
/* The X below which a normal variable is with probability P in (0, 1). */
double special_normal_quantile(double p);

/* Density and distribution function of Beta(A, B); A and B above 0. */
double special_beta_density(double a, double b, double x);
double special_beta_cdf(double a, double b, double x);

/* How likely a t variable of DF degrees is further from 0 than T. */
double special_t_two_sided(double t, double df);
/* The T that leaves ALPHA on both sides together. */
double special_t_bound(double alpha, double df);

/* How likely a chi-square variable of DF degrees is above X. */
double special_chi2_above(double x, double df);

/*
 * How likely a draw from Beta(A2, B2) is above one from Beta(A1, B1); all of
 * them at least 1.
 */
double special_beta_above(double a1, double b1, double a2, double b2);

#endif
