/*
 * games.c - Shapley values of two games on sets of channels, exact, and the
 * samples of the bootstrap.
 */
#include <math.h>
#include <stdlib.h>

#include "aggregator/models/learn.h"
#include "common/str.h"

/*
 * The set game has a closed form: a conversion is shared evenly by the
 * channels of its path. Whole numbers by size of set first, so that the order
 * of the paths changes nothing.
 */
void
learn_shapley(const struct learn_paths *paths, double *value)
{
	size_t n = paths->channels;
	int64_t *by_size = mem_zero(n * (n + 1) + 1, sizeof(*by_size));
	size_t *seen = mem_zero(n + 1, sizeof(*seen));
	int32_t *set = mem_alloc((n + 1) * sizeof(*set));

	for (size_t i = 0; i < paths->count; i++) {
		const struct learn_path *p = &paths->at[i];
		size_t size = 0;

		for (size_t k = 0; k < p->count; k++) {
			if (seen[p->channel[k]] != i + 1)
				set[size++] = p->channel[k];
			seen[p->channel[k]] = i + 1;
		}
		for (size_t k = 0; k < size; k++)
			by_size[(size_t)set[k] * (n + 1) + size] +=
			    p->conversions;
	}
	for (size_t c = 0; c < n; c++) {
		value[c] = 0;
		for (size_t size = 1; size <= n; size++)
			value[c] +=
			    (double)by_size[c * (n + 1) + size] / (double)size;
	}
	free(by_size);
	free(seen);
	free(set);
}

/* Sums over all subsets, in place. */
static void
subsets(int64_t *of, size_t channels)
{
	for (size_t c = 0; c < channels; c++) {
		for (size_t s = 0; s < (size_t)1 << channels; s++) {
			if (s >> c & 1)
				of[s] += of[s ^ (size_t)1 << c];
		}
	}
}

static double
worth(const int64_t *conversions, const int64_t *all, size_t set)
{
	return all[set] == 0 ? 0 : (double)conversions[set] / (double)all[set];
}

bool
learn_shapley_rate(
    const struct learn_paths *paths, double *value, struct error *err)
{
	size_t n = paths->channels, sets = (size_t)1 << (n & 31);
	double chance[LEARN_RATE_CHANNELS_MAX + 1];
	int64_t *conversions, *all;

	if (n > LEARN_RATE_CHANNELS_MAX)
		return error_set(err, ERROR_REJECT,
		    "shapley_rate asks for every coalition of channels, and "
		    "%zu channels have 2^%zu: it takes up to %d, and is not "
		    "sampled; shapley takes any number",
		    n, n, LEARN_RATE_CHANNELS_MAX);
	conversions = mem_zero(sets, sizeof(*conversions));
	all = mem_zero(sets, sizeof(*all));
	for (size_t i = 0; i < paths->count; i++) {
		const struct learn_path *p = &paths->at[i];
		size_t set = 0;

		for (size_t k = 0; k < p->count; k++)
			set |= (size_t)1 << p->channel[k];
		conversions[set] += p->conversions;
		all[set] += p->conversions + p->nulls;
	}
	subsets(conversions, n);
	subsets(all, n);
	/* chance[s]: that s given channels come before and the rest behind. */
	for (size_t s = 0; s < n; s++) {
		chance[s] = 1 / (double)n;
		for (size_t k = 1; k <= s; k++)
			chance[s] *= (double)k / (double)(n - k);
	}
	for (size_t c = 0; c < n; c++)
		value[c] = 0;
	for (size_t set = 0; set < sets; set++) {
		int size = __builtin_popcountll(set);
		double before = worth(conversions, all, set);

		for (size_t c = 0; c < n; c++) {
			if (!(set >> c & 1))
				value[c] +=
				    chance[size] * (worth(conversions, all,
							set | (size_t)1 << c) -
						       before);
		}
	}
	free(conversions);
	free(all);
	return true;
}

/* --- bootstrap ------------------------------------------------------------ */

/* splitmix64, to 53 bits in (0, 1). */
static double
uniform(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return ((double)((z ^ z >> 31) >> 11) + 0.5) * 0x1p-53;
}

#define MANY 64

static int64_t
poisson(int64_t mean, uint64_t *seed)
{
	double left, product = 1;
	int64_t n = -1;

	if (mean <= 0)
		return 0;
	if (mean > MANY) { /* as good as normal */
		double r = sqrt(-2 * log(uniform(seed)));
		double z = r * cos(6.283185307179586 * uniform(seed));

		n = llround((double)mean + sqrt((double)mean) * z);
		return n < 0 ? 0 : n;
	}
	left = exp(-(double)mean);
	do {
		product *= uniform(seed);
		n++;
	} while (product > left);
	return n;
}

void
learn_resample(
    const struct learn_paths *paths, uint64_t *seed, struct learn_path *out)
{
	for (size_t i = 0; i < paths->count; i++) {
		out[i] = paths->at[i];
		out[i].conversions = poisson(out[i].conversions, seed);
		out[i].nulls = poisson(out[i].nulls, seed);
	}
}
