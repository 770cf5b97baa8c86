/*
 * last_non_direct.c - the last campaign before the sale: a customer who
 * comes back by typing the address was brought by someone earlier.
 */
#include "aggregator/models/model.h"

static void
weigh(const struct path *path, double *weight)
{
	size_t last = path->count - 1;

	for (size_t i = 0; i < path->count; i++) {
		weight[i] = 0.0;
		if (!path->direct[i])
			last = i;
	}
	weight[last] = 1.0;
}

const struct model model_last_non_direct = {
	.name = "last_non_direct",
	.summary = "all to the last touch that is not direct, if there is one",
	.weigh = weigh,
};
