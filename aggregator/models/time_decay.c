/*
 * time_decay.c - a touch counts half of one seven days later:
 * w = 2^(-(conversion - touch) / 7 d), continuous.
 *
 * Shares depend on the distances between touches only, so weights are taken
 * from the latest touch on: it weighs 1 and a path from twenty years ago
 * cannot underflow to nothing.
 */
#include "aggregator/models/model.h"

#include <math.h>

#define HALF_LIFE_MS INT64_C(604800000)
#define LN2 0.693147180559945309417232121458
#define TERMS 18

/*
 * 2^-X for 0 <= X < 1, by Taylor's series of e^y at y = -X ln 2. exp2() of
 * libm picks its code by the processor, and its last bit with it; two
 * aggregators must agree to the last micro, so only + * / are used here.
 */
static double
halved(double x)
{
	double y = -x * LN2, sum = 1.0;

	for (int k = TERMS; k > 0; k--)
		sum = 1.0 + sum * y / k;
	return sum;
}

static void
weigh(const struct path *path, double *weight)
{
	int64_t latest = path->time_ms[0];

	for (size_t i = 1; i < path->count; i++) {
		if (path->time_ms[i] > latest)
			latest = path->time_ms[i];
	}
	for (size_t i = 0; i < path->count; i++) {
		int64_t age = latest - path->time_ms[i];
		int64_t halvings = age / HALF_LIFE_MS;
		double rest = (double)(age % HALF_LIFE_MS) / HALF_LIFE_MS;

		if (halvings > 1100)
			halvings = 1100; /* 0 already */
		weight[i] = ldexp(halved(rest), -(int)halvings);
	}
}

const struct model model_time_decay = {
	.name = "time_decay",
	.summary = "a touch counts half of one seven days later",
	.weigh = weigh,
};
