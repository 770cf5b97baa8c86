/*
 * goal.h - a conversion by rule: a hit that matches is a conversion of this
 * goal.
 */
#ifndef COMMON_GOAL_H
#define COMMON_GOAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/config.h"

/* Exactly one rule is set. */
struct goal {
	char *name;
	/* Judged by the aggregator, on any page view or event. */
	char *event;      /* custom event of this name */
	char *url;        /* page whose path is exactly this */
	char *url_prefix; /* page whose path begins so */
	char *url_regex;  /* page whose path and query match */
	char *title;      /* page whose title contains this */
	/* Seen by the tracker, which sends an event that names the goal. */
	char *form;     /* CSS selector */
	char *download; /* endings, or * */
	char *outbound; /* hosts, or * */
	int64_t time_on_site_ms;
	int64_t scroll; /* percent */

	int64_t value_micros;
	int64_t lookback_ms; /* 0: the site's */
	int count;           /* enum goal_count */
};
enum goal_count { GOAL_EVERY, GOAL_ONCE_PER_VISIT, GOAL_ONCE };

extern const struct setting goal_settings[];

/* The check of a list of goals. */
void goals_check(const void *value, struct config_place *place);

/* True when only the page can see that G is reached. */
bool goal_is_of_page(const struct goal *g);

#endif
