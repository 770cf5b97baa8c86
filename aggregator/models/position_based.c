/*
 * position_based.c - the introducer and the closer get 40 % each, those
 * between share 20 %; of two each gets half.
 *
 * .4 : .4 : .2/(n-2) is 2(n-2) : 2(n-2) : 1, in whole numbers, which no
 * rounding of .2/(n-2) disturbs.
 */
#include "aggregator/models/model.h"

static void
weigh(const struct path *path, double *weight)
{
	size_t n = path->count;
	double end = n > 2 ? 2.0 * (double)(n - 2) : 1.0;

	for (size_t i = 0; i < n; i++)
		weight[i] = 1.0;
	weight[0] = end;
	weight[n - 1] = end;
}

const struct model model_position_based = {
	.name = "position_based",
	.summary = "40 % to the first, 40 % to the last, 20 % between them",
	.weigh = weigh,
};
