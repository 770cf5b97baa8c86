/*
 * experiment.c - settings of experiments, and places between 0 and 1 that a
 * hash gives to visitors.
 */
#include "common/experiment.h"

#include <stdio.h>
#include <string.h>

#include "common/calendar.h"
#include "common/digest.h"
#include "common/link.h"

#define MICROS INT64_C(1000000)
#define VALUE_MAX (INT64_C(1000000000000) * MICROS)
#define WINDOW_MAX_MS (400 * DAY_MS)
#define NAME_BYTES 100 /* of the record's fields */

static const char *const assign_choices[] = { "site", "collector", NULL };

static void
check_name(const void *value, struct config_place *place)
{
	const char *name = *(char *const *)value;
	size_t len = strlen(name);

	if (len == 0 || len > NAME_BYTES ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != len)
		config_complain(place, NULL,
		    "must be 1 to %d of letters, digits, _ and -", NAME_BYTES);
}

/* True for "", a day or an instant. DAY or MS gets it. */
static bool
read_moment(const char *text, bool *is_day, int32_t *day, int64_t *ms)
{
	*is_day = calendar_parse_day(str_of(text), day);
	return *text == '\0' || *is_day ||
	       calendar_parse_instant(str_of(text), ms);
}

static void
check_moment(const void *value, struct config_place *place)
{
	bool is_day;
	int32_t day;
	int64_t ms;

	if (!read_moment(*(char *const *)value, &is_day, &day, &ms))
		config_complain(place, NULL,
		    "must be a day such as 2026-03-01 or an instant such as "
		    "2026-03-01T12:00:00Z");
}

static void
check_holdout_to(const void *value, struct config_place *place)
{
	const char *to = *(char *const *)value;

	struct link_target target;

	if (*to != '\0' && !link_parse(str_of(to), true, &target))
		config_complain(place, NULL,
		    "must be a plain address such as "
		    "https://www.example.com/");
}

#define COMPLAIN(place, i, key, ...)                                           \
	do {                                                                   \
		char sub[64];                                                  \
                                                                               \
		snprintf(sub, sizeof(sub), "[%zu]" key, (size_t)(i));          \
		config_complain(place, sub, __VA_ARGS__);                      \
	} while (0)

static bool
named_before(const struct variant *v, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(v[k].name, v[i].name) == 0)
			return true;
	}
	return false;
}

static void
check_arms(const struct experiment *e, size_t i, struct config_place *place)
{
	const struct variant *v = e->variants.at;

	if (e->holdout_micros > 0 && e->variants.count > 0)
		COMPLAIN(place, i, ".variants",
		    "a holdout's are " EXPERIMENT_HOLDOUT
		    " and " EXPERIMENT_EXPOSED ": leave them out");
	else if (e->holdout_micros == 0 && e->variants.count < 2)
		COMPLAIN(place, i, ".variants",
		    "needs two or more, the control first");
	for (size_t k = 0; k < e->variants.count; k++) {
		if (named_before(v, k))
			COMPLAIN(place, i, ".variants",
			    "there are two variants \"%s\"", v[k].name);
	}
	if (e->holdout_micros == 0 &&
	    (e->campaigns.count > 0 || *e->holdout_to != '\0'))
		COMPLAIN(place, i, "",
		    "campaigns and holdout_to are for a holdout: set "
		    "holdout");
	else if (*e->holdout_to != '\0' && e->campaigns.count == 0)
		COMPLAIN(place, i, ".campaigns",
		    "names the campaigns whose clicks holdout_to splits");
}

void
experiments_check(const void *value, struct config_place *place)
{
	const struct items *list = value;
	const struct experiment *e = list->at;

	for (size_t i = 0; i < list->count; i++) {
		int64_t taken = 0;

		check_arms(&e[i], i, place);
		for (size_t k = 0; k < i; k++) {
			if (strcmp(e[k].name, e[i].name) == 0)
				COMPLAIN(place, i, ".name",
				    "another experiment of this site is "
				    "called \"%s\"",
				    e[i].name);
		}
		for (size_t k = 0; k <= i && *e[i].group != '\0'; k++) {
			if (strcmp(e[k].group, e[i].group) == 0)
				taken += e[k].share_micros;
		}
		if (taken > MICROS)
			COMPLAIN(place, i, ".share",
			    "the shares of the group \"%s\" add up to more "
			    "than 1",
			    e[i].group);
	}
}

static int64_t
moment(const char *text, const struct zone *zone, int64_t absent)
{
	bool is_day;
	int32_t day;
	int64_t ms = absent;

	if (!read_moment(text, &is_day, &day, &ms))
		return absent; /* not after experiments_check() */
	return is_day ? zone_day_start_ms(zone, day) : ms;
}

void
experiments_prepare(
    struct items *experiments, const struct zone *zone, struct arena *arena)
{
	struct experiment *e = experiments->at;

	for (size_t i = 0; i < experiments->count; i++) {
		struct variant *v;

		if (*e[i].salt == '\0')
			e[i].salt = e[i].name;
		e[i].start_ms = moment(e[i].start, zone, INT64_MIN);
		e[i].end_ms = moment(e[i].end, zone, INT64_MAX);
		if (e[i].holdout_micros == 0)
			continue;
		v = arena_alloc(arena, 2 * sizeof(*v));
		v[0] =
		    (struct variant){ EXPERIMENT_HOLDOUT, e[i].holdout_micros };
		v[1] = (struct variant){ EXPERIMENT_EXPOSED,
			MICROS - e[i].holdout_micros };
		e[i].variants = (struct items){ v, 2 };
	}
}

bool
experiment_runs(const struct experiment *e, int64_t ts_ms)
{
	return ts_ms >= e->start_ms && ts_ms < e->end_ms;
}

const struct experiment *
experiments_find(const struct items *experiments, struct str name)
{
	const struct experiment *e = experiments->at;

	for (size_t i = 0; i < experiments->count; i++) {
		if (str_is(name, e[i].name))
			return &e[i];
	}
	return NULL;
}

const struct experiment *
experiments_of_campaign(const struct items *experiments, struct str campaign)
{
	const struct experiment *e = experiments->at;

	for (size_t i = 0; i < experiments->count; i++) {
		for (size_t k = 0; k < e[i].campaigns.count; k++) {
			if (*e[i].holdout_to != '\0' &&
			    str_ieq(campaign, str_of(e[i].campaigns.at[k])))
				return &e[i];
		}
	}
	return NULL;
}

/*
 * A place in [0, MICROS): the first 40 bits of SHA-256 of PURPOSE, a line
 * feed, SALT, a line feed and VISITOR.
 */
static int64_t
place_of(const char *purpose, const char *salt, struct str visitor)
{
	uint8_t sum[SHA256_BYTES];
	struct buf text = { NULL, 0, 0 };
	uint64_t bits = 0;

	buf_printf(&text, "%s\n%s\n", purpose, salt);
	buf_add_str(&text, visitor);
	digest_sha256(buf_str(&text), sum);
	buf_free(&text);
	for (int i = 0; i < 5; i++)
		bits = bits << 8 | sum[i];
	return (int64_t)(bits * (uint64_t)MICROS >> 40);
}

/* Experiments of one group take its places one behind the other. */
static bool
takes_part(const struct items *experiments, const struct experiment *e,
    struct str visitor)
{
	const struct experiment *all = experiments->at;
	bool grouped = *e->group != '\0';
	int64_t low = 0, at;

	if (!grouped && e->share_micros == MICROS)
		return true;
	for (size_t i = 0; grouped && &all[i] != e; i++) {
		if (strcmp(all[i].group, e->group) == 0)
			low += all[i].share_micros;
	}
	at = grouped ? place_of("group", e->group, visitor)
		     : place_of("share", e->salt, visitor);
	return at >= low && at < low + e->share_micros;
}

const struct variant *
experiment_assign(const struct items *experiments, const struct experiment *e,
    struct str visitor)
{
	const struct variant *v = e->variants.at;
	int64_t total = 0, at, passed = 0;

	if (!takes_part(experiments, e, visitor))
		return NULL;
	for (size_t i = 0; i < e->variants.count; i++)
		total += v[i].weight_micros;
	at = place_of("arm", e->salt, visitor);
	for (size_t i = 0; i < e->variants.count; i++) {
		passed += v[i].weight_micros;
		if ((double)at * (double)total <
		    (double)passed * (double)MICROS)
			return &v[i];
	}
	return NULL;
}

static const struct setting variant_settings[] = {
	{ .key = "name",
	    .kind = SETTING_TEXT,
	    .offset = offsetof(struct variant, name),
	    .check = check_name,
	    .help = "name of the arm, in exposures and reports" },
	{ .key = "weight",
	    .kind = SETTING_MICROS,
	    .fallback = "1",
	    .offset = offsetof(struct variant, weight_micros),
	    .min = 1,
	    .max = 1000 * MICROS,
	    .help = "how many of those taking part, beside the others'" },
	{ 0 }
};

const struct setting experiment_settings[] = {
	{ .key = "name",
	    .kind = SETTING_TEXT,
	    .offset = offsetof(struct experiment, name),
	    .check = check_name,
	    .help = "name of the experiment, in exposures and reports" },
	{ .key = "goal",
	    .kind = SETTING_TEXT,
	    .fallback = "purchase",
	    .offset = offsetof(struct experiment, goal),
	    .help = "conversions of this goal are compared" },
	{ .key = "variants",
	    .kind = SETTING_LIST,
	    .fallback = "",
	    .offset = offsetof(struct experiment, variants),
	    .fields = variant_settings,
	    .size = sizeof(struct variant),
	    .help = "the arms, the control first" },
	{ .key = "assign",
	    .kind = SETTING_CHOICE,
	    .fallback = "site",
	    .offset = offsetof(struct experiment, assign),
	    .choices = assign_choices,
	    .help =
		"who says which arm: site (it sends exposures), collector" },
	{ .key = "salt",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct experiment, salt),
	    .help = "another one mixes the visitors anew; empty: the name" },
	{ .key = "share",
	    .kind = SETTING_MICROS,
	    .fallback = "1",
	    .offset = offsetof(struct experiment, share_micros),
	    .min = 1,
	    .max = MICROS,
	    .help = "share of the visitors that take part" },
	{ .key = "group",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct experiment, group),
	    .help = "of experiments in one group a visitor is in one at most" },
	{ .key = "holdout",
	    .kind = SETTING_MICROS,
	    .fallback = "0",
	    .offset = offsetof(struct experiment, holdout_micros),
	    .max = MICROS - 1,
	    .help = "share of visitors held out, instead of variants" },
	{ .key = "campaigns",
	    .kind = SETTING_TEXTS,
	    .fallback = "",
	    .offset = offsetof(struct experiment, campaigns),
	    .help = "a holdout's: campaigns whose cost its effect is held "
		    "against" },
	{ .key = "holdout_to",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct experiment, holdout_to),
	    .check = check_holdout_to,
	    .help = "where redirects of its campaigns send those held out" },
	{ .key = "planned_n",
	    .kind = SETTING_INT,
	    .fallback = "0",
	    .offset = offsetof(struct experiment, planned_n),
	    .max = INT64_C(1000000000),
	    .help = "customers an arm, by `afterclick experiments plan`" },
	{ .key = "start",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct experiment, start),
	    .check = check_moment,
	    .help = "first day or instant; empty: at once" },
	{ .key = "end",
	    .kind = SETTING_TEXT,
	    .fallback = "",
	    .offset = offsetof(struct experiment, end),
	    .check = check_moment,
	    .help = "day or instant before which it ends; empty: never" },
	{ .key = "window",
	    .kind = SETTING_DURATION,
	    .fallback = "0",
	    .offset = offsetof(struct experiment, window_ms),
	    .max = WINDOW_MAX_MS,
	    .help = "conversions so long after the first exposure count; 0: "
		    "until the end" },
	{ .key = "revenue_cap",
	    .kind = SETTING_MICROS,
	    .fallback = "0",
	    .offset = offsetof(struct experiment, revenue_cap_micros),
	    .max = VALUE_MAX,
	    .help = "most revenue of one customer that counts; 0: any" },
	{ .key = "cuped_window",
	    .kind = SETTING_DURATION,
	    .fallback = "0",
	    .offset = offsetof(struct experiment, cuped_ms),
	    .max = WINDOW_MAX_MS,
	    .help = "revenue so long before the exposure adjusts for old "
		    "habits; 0: off" },
	{ 0 }
};
