/*
 * pins.h - which version of a trained model credits the conversions of which
 * days. A version that is pinned from a day on leaves earlier days alone.
 */
#ifndef AGGREGATOR_MODELS_PINS_H
#define AGGREGATOR_MODELS_PINS_H

#include "aggregator/models/models.h"

#define PINS_TRAINED (MODEL_ALL - MODEL_COUNT)

/* Channels have numbers, the same for a site's pins and its touches. */
struct pin {
	int32_t from_day;     /* reporting day of the conversion */
	const double *weight; /* by channel */
};

/* The pins of one site. */
struct pins {
	size_t channels;
	struct {
		const struct pin *at; /* by day */
		size_t count;
	} of[PINS_TRAINED]; /* by model, less MODEL_COUNT */
};

/* What credits MODEL, a trained one, on DAY; NULL: nothing does. PINS may be
 * NULL. */
const struct pin *pins_find(const struct pins *pins, int model, int32_t day);

#endif
