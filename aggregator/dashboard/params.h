/*
 * params.h - what a request to the dashboard's API asks for. Every parameter
 * is bounded; one that is not known, given twice or not sensible is refused
 * with a text that names it.
 */
#ifndef AGGREGATOR_DASHBOARD_PARAMS_H
#define AGGREGATOR_DASHBOARD_PARAMS_H

#include <stdint.h>

#include "common/arena.h"
#include "common/error.h"
#include "common/str.h"

#define PARAMS_DAYS_MAX 800
#define PARAMS_SITE_MAX 64

struct params {
	int32_t from, to; /* days, both included */
	char site[PARAMS_SITE_MAX + 1];
	const char *model; /* one of the models' own names */
	int32_t basis;     /* 0 conversion, 1 touch */
};

/*
 * Reads QUERY. Without from and to it is the last 30 days up to TODAY,
 * without the one as many up to or from the other; the model is last_touch,
 * the basis conversion. The site is needed.
 */
bool params_read(struct params *p, struct str query, int32_t today,
    struct arena *arena, struct error *err) MUST_CHECK;

#endif
