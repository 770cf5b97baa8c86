/*
 * special.c - after Loader (2000) where logarithms of gamma functions of
 * millions would cancel, after Lentz where fractions are continued.
 */
#include "aggregator/report/special.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#define PI 3.14159265358979323846
#define TINY 1e-300
#define STEPS_MAX 1000000 /* a fraction takes about the root of its counts */

double
special_normal_cdf(double x)
{
	return 0.5 * erfc(-x / sqrt(2));
}

/* Bisection and then Newton: slow, right, and asked for a few times. */
double
special_normal_quantile(double p)
{
	double low = -38, high = 38, x;

	for (int i = 0; i < 60; i++) {
		x = (low + high) / 2;
		/* Near 1 the tail above is the exact one. */
		if (p < 0.5 ? special_normal_cdf(x) < p
			    : special_normal_cdf(-x) > 1 - p)
			low = x;
		else
			high = x;
	}
	return (low + high) / 2;
}

/* log(N!) less its Stirling approximation. */
static double
stirling_error(double n)
{
	double nn = n * n;

	if (n < 16)
		return lgamma(n + 1) - (n + 0.5) * log(n) + n -
		       0.5 * log(2 * PI);
	return (1.0 / 12 -
		   (1.0 / 360 - (1.0 / 1260 - 1.0 / 1680 / nn) / nn) / nn) /
	       n;
}

/* X log(X / M) + M - X, exact where X is near M. */
static double
deviance(double x, double m)
{
	double v, sum, term;

	if (fabs(x - m) >= 0.1 * (x + m))
		return x * log(x / m) + m - x;
	v = (x - m) / (x + m);
	sum = (x - m) * v;
	term = 2 * x * v;
	for (int j = 1; j < 100; j++) {
		double next;

		term *= v * v;
		next = sum + term / (2 * j + 1);
		if (next == sum)
			break;
		sum = next;
	}
	return sum;
}

/* Log of the probability of K out of N at P; K and N need not be whole. */
static double
log_binomial(double k, double n, double p)
{
	if (k <= 0)
		return n * log1p(-p);
	if (k >= n)
		return n * log(p);
	return stirling_error(n) - stirling_error(k) - stirling_error(n - k) -
	       deviance(k, n * p) - deviance(n - k, n * (1 - p)) +
	       0.5 * log(n / (2 * PI * k * (n - k)));
}

static double
log_beta_density(double a, double b, double x)
{
	if (a >= 1 && b >= 1)
		return log(a + b - 1) + log_binomial(a - 1, a + b - 2, x);
	return lgamma(a + b) - lgamma(a) - lgamma(b) + (a - 1) * log(x) +
	       (b - 1) * log1p(-x);
}

double
special_beta_density(double a, double b, double x)
{
	if (x <= 0 || x >= 1)
		return (x == 0 && a == 1) ? b : (x == 1 && b == 1) ? a : 0;
	return exp(log_beta_density(a, b, x));
}

static double
away_from_zero(double x)
{
	return fabs(x) < TINY ? TINY : x;
}

/* The continued fraction of the incomplete beta function. */
static double
beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
	double f = d;

	for (int i = 1; i < STEPS_MAX; i++) {
		double m = i, change;
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x /
			     ((a + 2 * m) * (a + 2 * m + 1));

		d = 1 / away_from_zero(1 + even * d);
		c = away_from_zero(1 + even / c);
		f *= d * c;
		d = 1 / away_from_zero(1 + odd * d);
		c = away_from_zero(1 + odd / c);
		change = d * c;
		f *= change;
		if (fabs(change - 1) < 1e-15)
			break;
	}
	return f;
}

double
special_beta_cdf(double a, double b, double x)
{
	double front;

	if (x <= 0 || x >= 1)
		return x > 0;
	front = exp(log_beta_density(a, b, x)) * x * (1 - x);
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/* Log of Gamma(DF/2 + 1/2) / Gamma(DF/2), without their cancellation. */
static double
log_gamma_half(double df)
{
	double z = df / 2;

	if (z < 64)
		return lgamma(z + 0.5) - lgamma(z);
	return 0.5 * log(z) - 1 / (8 * z) + 1 / (192 * z * z * z) -
	       1 / (640 * pow(z, 5));
}

double
special_t_two_sided(double t, double df)
{
	double x = df / (df + t * t), rest = t * t / (df + t * t), front;

	if (!(t * t > 0))
		return 1;
	/* x^(df/2) (1 - x)^(1/2) / B(df/2, 1/2) */
	front = exp(log_gamma_half(df) - 0.5 * log(PI) -
		    df / 2 * log1p(t * t / df)) *
		sqrt(rest);
	if (x < (df / 2 + 1) / (df / 2 + 2.5))
		return front * beta_fraction(df / 2, 0.5, x) / (df / 2);
	return 1 - front * beta_fraction(0.5, df / 2, rest) * 2;
}

double
special_t_bound(double alpha, double df)
{
	double low = 0, high = 1;

	while (special_t_two_sided(high, df) > alpha && high < 1e12)
		high *= 2;
	for (int i = 0; i < 80; i++) {
		double t = (low + high) / 2;

		if (special_t_two_sided(t, df) > alpha)
			low = t;
		else
			high = t;
	}
	return (low + high) / 2;
}

double
special_chi2_above(double x, double df)
{
	double a = df / 2, h = x / 2, front, sum, term, c, d, f;

	if (x <= 0)
		return 1;
	front = exp(a * log(h) - h - lgamma(a));
	if (h < a + 1) {
		sum = term = 1 / a;
		for (int i = 1; i < STEPS_MAX && term > sum * 1e-17; i++)
			sum += term *= h / (a + i);
		return 1 - front * sum;
	}
	c = 1 / TINY;
	d = 1 / (h + 1 - a);
	f = d;
	for (int i = 1; i < STEPS_MAX; i++) {
		double an = -i * (i - a), bn = h + 2 * i + 1 - a;

		d = 1 / away_from_zero(an * d + bn);
		c = away_from_zero(bn + an / c);
		f *= d * c;
		if (fabs(d * c - 1) < 1e-15)
			break;
	}
	return front * f;
}

/* --- one beta variable above another ----------------------------------------
 */

/* Gauss and Legendre's 16 places and weights on [-1, 1], the right half. */
static const double place[8] = { 0.0950125098376374402, 0.2816035507792589132,
	0.4580167776572273863, 0.6178762444026437484, 0.7554044083550030339,
	0.8656312023878317439, 0.9445750230732325761, 0.9894009349916499326 };
static const double weight[8] = { 0.1894506104550684963, 0.1826034150449235889,
	0.1691565193950025382, 0.1495959888165767321, 0.1246289712555338720,
	0.0951585116824927848, 0.0622535239386478929, 0.0271524594117540949 };

/* The integral over [LOW, HIGH] of the second's density times the chance that
 * the first is below. */
static double
above_within(const double of[4], double low, double high)
{
	double middle = (low + high) / 2, half = (high - low) / 2, sum = 0;

	for (int i = 0; i < 16; i++) {
		double x = middle + (i % 2 ? half : -half) * place[i / 2];

		sum += weight[i / 2] * special_beta_density(of[2], of[3], x) *
		       special_beta_cdf(of[0], of[1], x);
	}
	return sum * half;
}

static int
by_size(const void *va, const void *vb)
{
	const double *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

double
special_beta_above(double a1, double b1, double a2, double b2)
{
	/* Cuts around where either has its mass, so that each piece is smooth;
	 * the far ones are for the long tails of few counts. */
	static const double away[] = { -45, -20, -10, -6, -3.5, -1.7, 0, 1.7,
		3.5, 6, 10, 20, 45 };
	const double of[4] = { a1, b1, a2, b2 };
	double cut[2 * sizeof(away) / sizeof(away[0])], low, high, sum = 0;
	size_t n = 0;

	for (int i = 0; i < 2; i++) {
		double a = of[2 * i], b = of[2 * i + 1];
		double sd = sqrt(a * b / (a + b + 1)) / (a + b);

		for (size_t k = 0; k < sizeof(away) / sizeof(away[0]); k++) {
			double x = a / (a + b) + away[k] * sd;

			cut[n++] = x < 0 ? 0 : x > 1 ? 1 : x;
		}
	}
	qsort(cut, n, sizeof(cut[0]), by_size);
	for (size_t i = 0; i <= n; i++) {
		low = i == 0 ? 0 : cut[i - 1];
		high = i == n ? 1 : cut[i];
		if (high > low)
			sum += above_within(of, low, high);
	}
	return sum;
}
