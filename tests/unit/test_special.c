/* The distribution functions, against rows that SciPy made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "aggregator/report/special.h"

/* Made with SciPy 1.17. */
static const double beta_rows[][4] = {
	/* a, b, x, cdf */
	{ 1.0, 1.0, 0.3, 0.3 },
	{ 2.0, 5.0, 0.1, 0.11426500000000002 },
	{ 0.5, 0.5, 0.7, 0.6309898804344546 },
	{ 1001.0, 9001.0, 0.1, 0.49290865629219255 },
	{ 1001.0, 9001.0, 0.095, 0.0436131645544665 },
	{ 500001.0, 500001.0, 0.5005, 0.8413449880391362 },
	{ 100001.0, 900001.0, 0.1006, 0.9769612753938572 },
	{ 1.0, 1000001.0, 1e-06, 0.6321211106476121 },
	{ 3.0, 100000.0, 0.0001, 0.9972319660398833 },
	{ 2921.0, 0.5, 0.9995, 0.08740763569538466 },
	{ 8.0, 3.0, 0.999, 0.9999998806284901 },
	{ 250.0, 1.0, 0.98, 0.006404996888794892 },
};
static const double t_rows[][3] = {
	/* t, df, two-sided p */
	{ 0.1, 1.0, 0.936548965138893 },
	{ 2.5, 2.0, 0.12961172022151082 },
	{ 2.324022761, 5841.742, 0.020158402639565382 },
	{ 4.5, 30.7, 9.115843633411619e-05 },
	{ 1.96, 1000000.0, 0.04999606758526985 },
	{ -3.0, 12.0, 0.01106669568603369 },
	{ 7.0, 250.0, 2.3468526678781266e-11 },
	{ 0.001, 100000.0, 0.9992021175668878 },
	{ 12.0, 1999998.0, 3.562312833679828e-33 },
};
static const double t_bounds[][3] = {
	/* alpha, df, t */
	{ 0.05, 1.0, 12.706204736174705 },
	{ 0.05, 3.3, 3.0248744618408083 },
	{ 0.05, 5841.742, 1.960370156956713 },
	{ 0.01, 25.0, 2.7874358136769706 },
	{ 0.05, 1000000.0, 1.9599663568141072 },
};
static const double chi2_rows[][3] = {
	/* x, df, above */
	{ 40.0, 1.0, 2.5396285894708634e-10 },
	{ 22.77, 1.0, 1.8259391382790754e-06 },
	{ 0.5, 1.0, 0.47950012218695337 },
	{ 3.0, 2.0, 0.22313016014842982 },
	{ 17.3, 5.0, 0.003964616961033929 },
	{ 0.001, 3.0, 0.9999915920809419 },
	{ 120.0, 60.0, 6.876264968732136e-06 },
};
static const double normal_rows[][2] = {
	/* p, x */
	{ 0.5, 0.0 },
	{ 0.975, 1.959963984540054 },
	{ 0.8, 0.8416212335729143 },
	{ 0.0005, -3.2905267314918945 },
	{ 0.999999, 4.753424308817087 },
	{ 1e-12, -7.034483825301131 },
};
static const double above_rows[][5] = {
	/* a1, b1, a2, b2, chance */
	{ 1.0, 1.0, 1.0, 1.0, 0.5 },
	{ 1.0, 51.0, 2.0, 50.0, 0.75247524752475248 },
	{ 1.0, 11.0, 1.0, 1001.0, 0.010869565217391304 },
	{ 1001.0, 9001.0, 1101.0, 8901.0, 0.98945735443171401 },
	{ 3.0, 1998.0, 9.0, 1992.0, 0.96746638500102688 },
	{ 201.0, 20.0, 5001.0, 500.0, 0.46797944876239546 },
	{ 6.0, 95.0, 1201.0, 18801.0, 0.55964616299137317 },
	{ 51.0, 50.0, 1.0, 101.0, 5.5297755005170687e-20 },
};

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
agree(double ours, double theirs, double within)
{
	if (!(fabs(ours - theirs) <= within * fmax(fabs(theirs), 1e-300)))
		fail_msg("%.17g, not %.17g", ours, theirs);
}

static void
the_beta_distribution_is_scipys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(beta_rows); i++) {
		const double *r = beta_rows[i];

		agree(special_beta_cdf(r[0], r[1], r[2]), r[3], 1e-10);
	}
	agree(special_beta_cdf(3, 4, 0), 0, 0);
	agree(special_beta_cdf(3, 4, 1), 1, 0);
	agree(special_beta_density(2, 3, 0.25), 12 * 0.25 * 0.5625, 1e-13);
}

static void
the_t_distribution_is_scipys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(t_rows); i++)
		agree(special_t_two_sided(t_rows[i][0], t_rows[i][1]),
		    t_rows[i][2], 1e-9);
	agree(special_t_two_sided(0, 5), 1, 0);
	for (size_t i = 0; i < ROWS(t_bounds); i++)
		agree(special_t_bound(t_bounds[i][0], t_bounds[i][1]),
		    t_bounds[i][2], 1e-10);
}

static void
chi_square_is_scipys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(chi2_rows); i++)
		agree(special_chi2_above(chi2_rows[i][0], chi2_rows[i][1]),
		    chi2_rows[i][2], 1e-11);
	agree(special_chi2_above(0, 3), 1, 0);
}

static void
normal_quantiles_are_scipys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(normal_rows); i++) {
		double x = special_normal_quantile(normal_rows[i][0]);

		assert_true(fabs(x - normal_rows[i][1]) < 1e-10);
		agree(special_normal_cdf(x), normal_rows[i][0], 1e-9);
	}
}

/* The exact sums over whole counts, in 40 digits. */
static void
one_beta_above_another_is_the_exact_sum(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(above_rows); i++) {
		const double *r = above_rows[i];

		agree(special_beta_above(r[0], r[1], r[2], r[3]), r[4], 1e-9);
	}
}

static void
both_ways_together_are_certain_for_millions_too(void **state)
{
	double one = special_beta_above(50001, 950001, 50301, 949701);
	double other = special_beta_above(50301, 949701, 50001, 950001);

	(void)state;
	agree(one + other, 1, 1e-10);
	/* Long tails: (1 - x)^b is known. */
	agree(special_beta_above(1, 1e6, 1, 3e6), 0.25, 1e-9);
	agree(special_beta_above(1, 3e6, 1, 1e3), 3e6 / (3e6 + 1e3), 1e-9);
	assert_true(one > 0.8 && one < 0.99);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_beta_distribution_is_scipys),
		cmocka_unit_test(the_t_distribution_is_scipys),
		cmocka_unit_test(chi_square_is_scipys),
		cmocka_unit_test(normal_quantiles_are_scipys),
		cmocka_unit_test(one_beta_above_another_is_the_exact_sum),
		cmocka_unit_test(
		    both_ways_together_are_certain_for_millions_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
