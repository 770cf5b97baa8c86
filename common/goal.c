/*
 * goal.c - goals of sites.yaml: their settings, and that each has one rule.
 */
#include "common/goal.h"

#include <stdio.h>
#include <string.h>

#include "common/calendar.h"

#define HOUR_MS (DAY_MS / 24)
#define LOOKBACK_MAX_MS (400 * DAY_MS)
#define VALUE_MAX (INT64_C(1000000000000) * 1000000)
#define NAME_MAX_BYTES 100 /* the record's goal field */

/* In the order of enum goal_count. */
static const char *const count_choices[] = { "every", "once_per_visit", "once",
	NULL };

static void
check_goal_lookback(const void *value, struct config_place *place)
{
	int64_t ms = *(const int64_t *)value;

	if (ms != 0 && ms < HOUR_MS)
		config_complain(
		    place, NULL, "must be 0 (the site's) or 1h to 400d");
}

static void
check_goal_name(const void *value, struct config_place *place)
{
	size_t len = strlen(*(char *const *)value);

	if (len == 0 || len > NAME_MAX_BYTES)
		config_complain(
		    place, NULL, "must have 1 to %d bytes", NAME_MAX_BYTES);
}

static void
check_path(const void *value, struct config_place *place)
{
	const char *path = *(char *const *)value;

	if (*path != '\0' && *path != '/')
		config_complain(place, NULL,
		    "must be a path that begins with /, without the host");
}

static int
goal_rules(const struct goal *g)
{
	const char *const texts[] = { g->event, g->url, g->url_prefix,
		g->url_regex, g->title, g->form, g->download, g->outbound };
	int count = (g->time_on_site_ms != 0) + (g->scroll != 0);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		count += *texts[i] != '\0';
	return count;
}

bool
goal_is_of_page(const struct goal *g)
{
	return *g->form != '\0' || *g->download != '\0' ||
	       *g->outbound != '\0' || g->time_on_site_ms != 0 ||
	       g->scroll != 0;
}

void
goals_check(const void *value, struct config_place *place)
{
	const struct items *goals = value;
	const struct goal *goal = goals->at;
	char sub[64];

	for (size_t i = 0; i < goals->count; i++) {
		int rules = goal_rules(&goal[i]);
		size_t first = 0;

		if (rules != 1) {
			snprintf(sub, sizeof(sub), "[%zu]", i);
			config_complain(place, sub,
			    "needs exactly one of event, url, url_prefix, "
			    "url_regex, title, form, download, outbound, "
			    "time_on_site and scroll");
		}
		while (strcmp(goal[first].name, goal[i].name) != 0)
			first++;
		if (first < i) {
			snprintf(sub, sizeof(sub), "[%zu].name", i);
			config_complain(place, sub,
			    "goal [%zu] of this site has this name", first);
		}
	}
}

const struct setting goal_settings[] = {
	{ .key = "name",
	    .kind = SETTING_TEXT,
	    .offset = offsetof(struct goal, name),
	    .check = check_goal_name,
	    .help = "name of the goal in reports" },
	{ .key = "event",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct goal, event),
	    .help = "reached by the custom event of this name" },
	{ .key = "url",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct goal, url),
	    .check = check_path,
	    .help = "reached by a page whose path is exactly this" },
	{ .key = "url_prefix",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct goal, url_prefix),
	    .check = check_path,
	    .help = "reached by a page whose path begins with this" },
	{ .key = "url_regex",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct goal, url_regex),
	    .help =
		"reached by a page whose path and query match this (PCRE2)" },
	{ .key = "title",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct goal, title),
	    .help = "reached by a page whose title contains this" },
	{ .key = "form",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct goal, form),
	    .help = "reached by submitting the form of this CSS selector" },
	{ .key = "download",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct goal, download),
	    .help =
		"reached by a link to a file that ends so: pdf zip; *: any" },
	{ .key = "outbound",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct goal, outbound),
	    .help = "reached by a link to one of these hosts or below; *: any "
		    "other" },
	{ .key = "time_on_site",
	    .kind = SETTING_DURATION,
	    .fallback = "0",
	    .offset = offsetof(struct goal, time_on_site_ms),
	    .max = DAY_MS,
	    .help = "reached when pages of a tab were seen for so long" },
	{ .key = "scroll",
	    .kind = SETTING_INT,
	    .fallback = "0",
	    .offset = offsetof(struct goal, scroll),
	    .max = 100,
	    .help = "reached when so much of a page was seen, in percent" },
	{ .key = "value",
	    .kind = SETTING_MICROS,
	    .fallback = "0",
	    .offset = offsetof(struct goal, value_micros),
	    .max = VALUE_MAX,
	    .help = "worth of reaching it, in the site's currency" },
	{ .key = "lookback",
	    .kind = SETTING_DURATION,
	    .fallback = "0",
	    .offset = offsetof(struct goal, lookback_ms),
	    .max = LOOKBACK_MAX_MS,
	    .check = check_goal_lookback,
	    .help = "how old a touch may be; 0: as the site says" },
	{ .key = "count",
	    .kind = SETTING_CHOICE,
	    .fallback = "every",
	    .offset = offsetof(struct goal, count),
	    .choices = count_choices,
	    .help = "every: each time counts; once_per_visit, once: the "
		    "first of a visit or of a visitor" },
	{ 0 }
};
