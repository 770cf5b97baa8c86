#include "aggregator/models/pins.h"

const struct pin *
pins_find(const struct pins *pins, int model, int32_t day)
{
	const struct pin *found = NULL;
	int t = model - MODEL_COUNT;

	if (pins == NULL || t < 0)
		return NULL;
	for (size_t i = 0; i < pins->of[t].count; i++) {
		if (pins->of[t].at[i].from_day <= day)
			found = &pins->of[t].at[i];
	}
	return found;
}
