/* linear.c - everybody took part, nobody more than another. */
#include "aggregator/models/model.h"

static void
weigh(const struct path *path, double *weight)
{
	for (size_t i = 0; i < path->count; i++)
		weight[i] = 1.0;
}

const struct model model_linear = {
	.name = "linear",
	.summary = "every touch gets the same share",
	.weigh = weigh,
};
