/*
 * learn.h - what the trained models learn from paths of channels.
 *
 * All of it is arithmetic on the counts, nothing is drawn by chance: the same
 * paths in any order give the same numbers up to the last bits of a double.
 */
#ifndef AGGREGATOR_MODELS_LEARN_H
#define AGGREGATOR_MODELS_LEARN_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define LEARN_CHANNELS_MAX 1000
#define LEARN_ORDER_MAX 3
#define LEARN_RATE_CHANNELS_MAX 15 /* the rate game is of 2^n coalitions */

/* One path and how often it ended in a conversion and in none. */
struct learn_path {
	const int32_t *channel; /* below learn_paths.channels */
	size_t count;           /* at least 1 */
	int64_t conversions, nulls;
};

struct learn_paths {
	const struct learn_path *at;
	size_t count;
	size_t channels; /* at most LEARN_CHANNELS_MAX */
};

/*
 * The removal effect of each channel in the Markov chain of ORDER into
 * EFFECT[channels]; RATE is the chance of a conversion as the chain has it.
 * False and ERR when there is no conversion, the chain is too large, or the
 * rate is not that of the counts, which would be a bug.
 */
bool learn_removal(const struct learn_paths *paths, int order, double *effect,
    double *rate, struct error *err) MUST_CHECK;

/* Shapley values of the set game: v(S) = conversions of paths inside S. */
void learn_shapley(const struct learn_paths *paths, double *value);

/* Of the rate game: v(S) = conversions / paths, of paths inside S; 0 without
 * any. False and ERR above LEARN_RATE_CHANNELS_MAX channels. */
bool learn_shapley_rate(const struct learn_paths *paths, double *value,
    struct error *err) MUST_CHECK;

/* A sample of PATHS for the bootstrap into OUT[paths->count]: every count
 * drawn anew, Poisson with itself as its mean. SEED moves on. */
void learn_resample(
    const struct learn_paths *paths, uint64_t *seed, struct learn_path *out);

#endif
