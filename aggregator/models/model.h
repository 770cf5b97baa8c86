/*
 * model.h - what an attribution model is: how much each touch of a path
 * weighs. Doubles live only here; money is split by attribute.c.
 */
#ifndef AGGREGATOR_MODELS_MODEL_H
#define AGGREGATOR_MODELS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The touches before one conversion, ordered by (time, event_id). */
struct path {
	size_t count; /* at least 1 */
	const int64_t *time_ms;
	const bool *direct; /* the touch is (direct)/(none) */
	int64_t conversion_ms;
	/* For trained models: numbers of the touches' channels, and what the
	 * version learnt of each of the CHANNELS channels. */
	const int32_t *channel;
	const double *learnt;
	size_t channels;
};

/* What PATH's version learnt of the channel of touch I: 0 of a channel it
 * never saw, never negative. */
static inline double
path_learnt(const struct path *path, size_t i)
{
	int32_t c = path->channel[i];
	double w = c < 0 || (size_t)c >= path->channels ? 0 : path->learnt[c];

	return w > 0 ? w : 0;
}

struct model {
	const char *name;    /* in config, in tables, on dashboards */
	const char *summary; /* one line for `afterclick models` */

	/* Sets weight[0..path->count): none negative, not all zero. */
	void (*weigh)(const struct path *path, double *weight);
};

#endif
