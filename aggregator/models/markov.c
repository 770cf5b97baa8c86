/*
 * markov.c - the model: within a path a touch counts by the removal effect
 * of its channel. What is learnt, see removal.c.
 */
#include "aggregator/models/model.h"

/* All channels unknown to the version: none is better than another. */
static void
weigh(const struct path *path, double *weight)
{
	double sum = 0;

	for (size_t i = 0; i < path->count; i++) {
		weight[i] = path_learnt(path, i);
		sum += weight[i];
	}
	for (size_t i = 0; sum <= 0 && i < path->count; i++)
		weight[i] = 1;
}

const struct model model_markov = {
	.name = "markov",
	.summary = "by the removal effect of the touch's channel (trained)",
	.weigh = weigh,
};
