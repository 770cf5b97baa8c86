/*
 * shapley.c - the models: within a path a channel counts by its Shapley
 * value, split evenly over its touches. What is learnt, see games.c.
 */
#include "aggregator/models/model.h"

static void
weigh(const struct path *path, double *weight)
{
	double sum = 0;

	for (size_t i = 0; i < path->count; i++) {
		double times = 0;

		for (size_t k = 0; k < path->count; k++)
			times += path->channel[k] == path->channel[i];
		weight[i] = path_learnt(path, i) / times;
		sum += weight[i];
	}
	for (size_t i = 0; sum <= 0 && i < path->count; i++)
		weight[i] = 1;
}

const struct model model_shapley = {
	.name = "shapley",
	.summary = "by the channel's Shapley value of conversions (trained)",
	.weigh = weigh,
};
const struct model model_shapley_rate = {
	.name = "shapley_rate",
	.summary = "by the channel's Shapley value of conversion rates "
		   "(trained)",
	.weigh = weigh,
};
