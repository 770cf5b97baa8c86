#include "aggregator/cli/attribute_tables.h"

#include <stdio.h>

#include "aggregator/cli/input.h"
#include "common/currency.h"

#define NAME_BYTES 200 /* as of a hit's source, medium and campaign */

enum { RATE_DATE, RATE_CURRENCY, RATE_RATE };
static const struct input_column rate_columns[] = {
	[RATE_DATE] = { "date", "day", true },
	[RATE_CURRENCY] = { "currency", NULL, true },
	[RATE_RATE] = { "rate", NULL, true },
	{ NULL, NULL, false },
};

/* The one currency that rates lead to, or NULL and told. */
static const char *
base_currency(const struct tables *t)
{
	const struct site *site = t->sites->list.at;

	if (t->site != NULL)
		return t->site->currency;
	for (size_t i = 1; i < t->sites->list.count; i++) {
		if (strcmp(site[i].currency, site[0].currency) != 0) {
			fprintf(stderr, "afterclick: the sites report in "
					"several currencies; name one with "
					"--site\n");
			return NULL;
		}
	}
	return t->sites->list.count > 0 ? site[0].currency : NULL;
}

static bool
rate_row(struct tables *t, struct input *in, struct arena *arena)
{
	struct str currency = input_value(in, RATE_CURRENCY);
	int64_t micros;
	int32_t day;

	(void)arena;
	if (!calendar_parse_day(input_value(in, RATE_DATE), &day))
		return input_refuse(in, "date", "not a day: YYYY-MM-DD");
	if (!currency_is_code(currency))
		return input_refuse(
		    in, "currency", "not a code of ISO 4217 such as EUR");
	if (!str_micros(input_value(in, RATE_RATE), &micros) || micros <= 0)
		return input_refuse(in, "rate",
		    "not a decimal number above 0 of at most six places");
	offline_rate(
	    t->offline, str_of(base_currency(t)), currency, day, micros);
	return true;
}

enum {
	COST_DATE,
	COST_SOURCE,
	COST_MEDIUM,
	COST_CAMPAIGN,
	COST_COST,
	COST_ID,
	COST_CLICKS,
	COST_IMPRESSIONS,
	COST_CURRENCY,
	COST_SITE
};
static const struct input_column cost_columns[] = {
	[COST_DATE] = { "date", "day", true },
	[COST_SOURCE] = { "source", "utm_source", true },
	[COST_MEDIUM] = { "medium", "utm_medium", true },
	[COST_CAMPAIGN] = { "campaign", "utm_campaign", true },
	[COST_COST] = { "cost", "spend", true },
	[COST_ID] = { "campaign_id", "utm_id", false },
	[COST_CLICKS] = { "clicks", NULL, false },
	[COST_IMPRESSIONS] = { "impressions", NULL, false },
	[COST_CURRENCY] = { "currency", NULL, false },
	[COST_SITE] = { "site", NULL, false },
	{ NULL, NULL, false },
};

/* A count that may be absent. */
static bool
read_count(struct input *in, int column, int64_t *n)
{
	struct str text = input_value(in, column);

	*n = -1;
	return text.len == 0 || str_int(text, 0, INT64_C(1) << 53, n) ||
	       input_refuse(
		   in, cost_columns[column].name, "not a whole number");
}

static bool
read_cost(struct tables *t, struct input *in, struct offline_cost *c)
{
	struct str site = input_value(in, COST_SITE);

	c->site = site.len > 0 ? sites_find(t->sites, site) : t->site;
	if (c->site == NULL)
		return input_refuse(in, "site", "is not one of ours");
	if (!calendar_parse_day(input_value(in, COST_DATE), &c->day))
		return input_refuse(in, "date", "not a day: YYYY-MM-DD");
	if (!str_micros(input_value(in, COST_COST), &c->micros))
		return input_refuse(
		    in, "cost", "not a decimal number of at most six places");
	if (c->micros < 0)
		return input_refuse(in, "cost", "negative");
	c->currency = input_value(in, COST_CURRENCY);
	if (c->currency.len == 0)
		c->currency = str_of(c->site->currency);
	if (!currency_is_code(c->currency))
		return input_refuse(
		    in, "currency", "not a code of ISO 4217 such as EUR");
	for (int i = COST_SOURCE; i <= COST_CAMPAIGN; i++) {
		if (input_value(in, i).len > NAME_BYTES)
			return input_refuse(
			    in, cost_columns[i].name, "longer than 200 bytes");
	}
	if (input_value(in, COST_SOURCE).len == 0)
		return input_refuse(in, "source", "empty");
	c->campaign_id = input_value(in, COST_ID);
	if (c->campaign_id.len > NAME_BYTES)
		return input_refuse(in, "campaign_id", "longer than 200 bytes");
	return read_count(in, COST_CLICKS, &c->clicks) &&
	       read_count(in, COST_IMPRESSIONS, &c->impressions);
}

static bool
cost_row(struct tables *t, struct input *in, struct arena *arena)
{
	struct offline_cost c;

	if (!read_cost(t, in, &c))
		return false;
	classify_names(t->rules, input_value(in, COST_SOURCE),
	    input_value(in, COST_MEDIUM), input_value(in, COST_CAMPAIGN), arena,
	    &c.origin);
	return offline_cost(t->offline, &c) ||
	       input_refuse(in, "campaign",
		   "the same day and campaign as in a line before");
}

typedef bool read_row(struct tables *t, struct input *in, struct arena *arena);

static bool
read_table(struct tables *t, const char *file,
    const struct input_column *columns, read_row *row)
{
	enum csv_result result = CSV_FAILED;
	struct arena *arena = arena_new(16384); /* of a row */
	struct input in;
	bool open = input_open(&in, file);

	if (open && input_head(&in) && input_columns(&in, columns)) {
		while ((result = input_next(&in)) == CSV_ROW) {
			arena_reset(arena);
			row(t, &in, arena);
		}
	}
	if (open) {
		t->refused += in.refused;
		input_close(&in);
	}
	arena_free(arena);
	return result == CSV_END;
}

bool
attribute_rates(struct tables *t, const char *file)
{
	return base_currency(t) != NULL &&
	       read_table(t, file, rate_columns, rate_row);
}

bool
attribute_costs(struct tables *t, const char *file)
{
	return read_table(t, file, cost_columns, cost_row);
}
