/*
 * abtest.c - z, Welch, Newcombe, delta method, Waudby-Smith, CUPED, Bayes.
 */
#include "aggregator/report/abtest.h"

#include <math.h>

#include "aggregator/report/special.h"

/* What a lift is made of: customers, mean, variance, and the mean that lifts
 * are relative to. */
struct moments {
	double n, mean, variance, base;
};

static struct moments
rate_of(const struct abtest_arm *a)
{
	double p = a->converted / a->n;

	return (struct moments){ a->n, p, p * (1 - p), p };
}

static double
covariance(double n, double sum_a, double sum_b, double sum_ab)
{
	return (sum_ab - sum_a * sum_b / n) / (n - 1);
}

static struct moments
mean_of(const struct abtest_arm *a)
{
	double mean = a->sum_y / a->n;

	return (struct moments){ a->n, mean,
		covariance(a->n, a->sum_y, a->sum_y, a->sum_y2), mean };
}

static struct moments
cuped_of(const struct abtest_arm *a, double theta)
{
	struct moments m = mean_of(a);

	m.variance +=
	    theta * theta * covariance(a->n, a->sum_x, a->sum_x, a->sum_x2) -
	    2 * theta * covariance(a->n, a->sum_x, a->sum_y, a->sum_xy);
	m.mean -= theta * a->sum_x / a->n;
	return m;
}

static double
theta_of(const struct abtest_arm *a, const struct abtest_arm *b)
{
	double n = a->n + b->n, x = a->sum_x + b->sum_x;
	double variance = covariance(n, x, x, a->sum_x2 + b->sum_x2);

	if (!(variance > 0))
		return 0;
	return covariance(n, x, a->sum_y + b->sum_y, a->sum_xy + b->sum_xy) /
	       variance;
}

static double
welch_df(const struct moments *a, const struct moments *b)
{
	double va = a->variance / a->n, vb = b->variance / b->n;

	return (va + vb) * (va + vb) /
	       (va * va / (a->n - 1) + vb * vb / (b->n - 1));
}

/* Bound and p that hold however often one looks: Waudby-Smith et al. 2023,
 * equations 9, 155 and 161. */
static void
sequential(struct abtest_effect *e, double variance, double n)
{
	double l = -2 * log(ABTEST_ALPHA);
	double rho2 = (l + log(l + 1)) / ABTEST_SEQUENTIAL_N;
	double r = n * rho2 + 1;
	double width = sqrt(variance * n * 2 * r * log(sqrt(r) / ABTEST_ALPHA) /
			    (n * n * rho2));
	double evidence =
	    rho2 * e->estimate * e->estimate * n / variance / (2 * r);

	e->sequential_low = e->estimate - width;
	e->sequential_high = e->estimate + width;
	e->sequential_p = fmin(1, exp(-evidence) * sqrt(r));
}

static struct abtest_effect
lift(const struct moments *a, const struct moments *b)
{
	struct abtest_effect e = { NAN, NAN, NAN, NAN, NAN, NAN, NAN };
	double square = a->base * a->base, variance, width;
	double df = welch_df(a, b);

	if (!(a->variance > 0) || !(b->variance > 0) || !(square > 0))
		return e;
	variance = b->variance / (square * b->n) +
		   a->variance * b->base * b->base / (square * square * a->n);
	e.estimate = (b->mean - a->mean) / a->base;
	width = special_t_bound(ABTEST_ALPHA, df) * sqrt(variance);
	e.low = e.estimate - width;
	e.high = e.estimate + width;
	e.p = special_t_two_sided(e.estimate / sqrt(variance), df);
	sequential(&e, variance, a->n + b->n);
	return e;
}

/* Wilson's interval, of which Newcombe makes one of a difference. */
static void
wilson(const struct abtest_arm *a, double z, double *low, double *high)
{
	double p = a->converted / a->n, z2 = z * z / a->n;
	double middle = p + z2 / 2;
	double width = z * sqrt(p * (1 - p) / a->n + z2 / (4 * a->n));

	*low = (middle - width) / (1 + z2);
	*high = (middle + width) / (1 + z2);
}

static void
compare_rates(
    const struct abtest_arm *a, const struct abtest_arm *b, struct abtest *out)
{
	struct moments ma = rate_of(a), mb = rate_of(b);
	double z = special_normal_quantile(1 - ABTEST_ALPHA / 2);
	double pooled = (a->converted + b->converted) / (a->n + b->n);
	double error = sqrt(pooled * (1 - pooled) * (1 / a->n + 1 / b->n));
	double width = z * sqrt(ma.variance / a->n + mb.variance / b->n);
	double low[2], high[2], d = mb.mean - ma.mean;

	out->rate[0] = ma.mean;
	out->rate[1] = mb.mean;
	out->difference = d;
	out->z = error > 0 ? d / error : NAN;
	out->z_p = 2 * special_normal_cdf(-fabs(out->z));
	out->wald_low = d - width;
	out->wald_high = d + width;
	wilson(a, z, &low[0], &high[0]);
	wilson(b, z, &low[1], &high[1]);
	out->newcombe_low = d - hypot(mb.mean - low[1], high[0] - ma.mean);
	out->newcombe_high = d + hypot(high[1] - mb.mean, ma.mean - low[0]);
	out->rate_lift = lift(&ma, &mb);
}

static void
compare_means(
    const struct abtest_arm *a, const struct abtest_arm *b, struct abtest *out)
{
	struct moments ma = mean_of(a), mb = mean_of(b), ca, cb;
	double error = sqrt(ma.variance / a->n + mb.variance / b->n), width;

	out->mean[0] = ma.mean;
	out->mean[1] = mb.mean;
	out->mean_difference = mb.mean - ma.mean;
	out->df = welch_df(&ma, &mb);
	out->t = out->t_p = out->mean_low = out->mean_high = NAN;
	if (error > 0) {
		out->t = out->mean_difference / error;
		out->t_p = special_t_two_sided(out->t, out->df);
		width = special_t_bound(ABTEST_ALPHA, out->df) * error;
		out->mean_low = out->mean_difference - width;
		out->mean_high = out->mean_difference + width;
	}
	out->mean_lift = lift(&ma, &mb);
	out->cuped_theta = theta_of(a, b);
	ca = cuped_of(a, out->cuped_theta);
	cb = cuped_of(b, out->cuped_theta);
	out->cuped_lift = lift(&ca, &cb);
	out->cuped_reduction =
	    1 - (ca.variance / a->n + cb.variance / b->n) / (error * error);
}

/* The expected excess of the first beta variable where it is above the
 * second: E[max(X1 - X2, 0)]. */
static double
excess(double a1, double b1, double a2, double b2)
{
	return a1 / (a1 + b1) * special_beta_above(a2, b2, a1 + 1, b1) -
	       a2 / (a2 + b2) * special_beta_above(a2 + 1, b2, a1, b1);
}

static void
judge(
    const struct abtest_arm *a, const struct abtest_arm *b, struct abtest *out)
{
	double a1 = 1 + a->converted, b1 = 1 + a->n - a->converted;
	double a2 = 1 + b->converted, b2 = 1 + b->n - b->converted;

	out->chance = special_beta_above(a1, b1, a2, b2);
	out->loss[0] = fmax(0, excess(a2, b2, a1, b1));
	out->loss[1] = fmax(0, excess(a1, b1, a2, b2));
}

void
abtest_compare(
    const struct abtest_arm *a, const struct abtest_arm *b, struct abtest *out)
{
	compare_rates(a, b, out);
	compare_means(a, b, out);
	judge(a, b, out);
}

bool
abtest_has_enough(const struct abtest_arm *a, const struct abtest_arm *b)
{
	return a->n >= ABTEST_CUSTOMERS_LEAST &&
	       b->n >= ABTEST_CUSTOMERS_LEAST &&
	       a->converted + b->converted >= ABTEST_CONVERSIONS_LEAST;
}

double
abtest_srm(const double *n, const double *weight_of, size_t count, double *chi2)
{
	double total = 0, weights = 0;

	*chi2 = 0;
	for (size_t i = 0; i < count; i++) {
		total += n[i];
		weights += weight_of[i];
	}
	if (count < 2 || !(total > 0))
		return 1;
	for (size_t i = 0; i < count; i++) {
		double due = total * weight_of[i] / weights;

		*chi2 += (n[i] - due) * (n[i] - due) / due;
	}
	return special_chi2_above(*chi2, (double)count - 1);
}

double
abtest_plan_rate(double p, double d, double alpha, double power)
{
	double q = p + d;
	double s =
	    special_normal_quantile(1 - alpha / 2) * sqrt(2 * p * (1 - p)) +
	    special_normal_quantile(power) * sqrt(p * (1 - p) + q * (1 - q));

	return s * s / (d * d);
}

double
abtest_plan_mean(double sd, double d, double alpha, double power)
{
	double z = special_normal_quantile(1 - alpha / 2) +
		   special_normal_quantile(power);

	return 2 * z * z * sd * sd / (d * d);
}
