/* first_touch.c - who introduced the customer. */
#include "aggregator/models/model.h"

static void
weigh(const struct path *path, double *weight)
{
	for (size_t i = 0; i < path->count; i++)
		weight[i] = 0.0;
	weight[0] = 1.0;
}

const struct model model_first_touch = {
	.name = "first_touch",
	.summary = "all to the first touch",
	.weigh = weigh,
};
