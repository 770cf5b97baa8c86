#include "aggregator/cli/attribute_tables.h"

#include <stdio.h>

#include "aggregator/cli/input.h"
#include "aggregator/platforms/costs.h"
#include "common/currency.h"

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

static bool
cost_row(struct tables *t, struct input *in, struct cost_row *row,
    struct arena *arena)
{
	struct offline_cost c = { .day = row->day,
		.currency = row->currency,
		.micros = row->micros,
		.clicks = row->clicks,
		.impressions = row->impressions };

	c.site = row->site.len > 0 ? sites_find(t->sites, row->site) : t->site;
	if (c.site == NULL)
		return input_refuse(in, "site", "is not one of ours");
	if (c.currency.len == 0)
		c.currency = str_of(c.site->currency);
	classify_cost(t->rules, c.site, row->source, row->medium, row->campaign,
	    row->campaign_id, arena, &c.origin);
	c.campaign_id = c.origin.campaign_id;
	return offline_cost(t->offline, &c) ||
	       input_refuse(in, "campaign",
		   "the same day and campaign as in a line before");
}

/* All rows of IN; false and told when it is no table of costs. */
static bool
read_costs(struct tables *t, struct input *in, struct costs *costs,
    struct arena *arena)
{
	struct costs_problem problem = { .column = "" };
	struct cost_row row;
	enum csv_result result;

	while ((result = input_row(in)) == CSV_ROW || result == CSV_BAD) {
		enum costs_step step = COSTS_REFUSED;

		arena_reset(arena);
		if (result == CSV_ROW)
			step = costs_take(costs, &in->row, &row, &problem);
		if (result == CSV_BAD)
			input_refuse(in, "", in->error.text);
		else if (step == COSTS_ROW)
			cost_row(t, in, &row, arena);
		else if (step == COSTS_REFUSED)
			input_refuse(in, problem.column, problem.text);
		else if (step == COSTS_STOP)
			break;
	}
	if (result == CSV_END && costs_found(costs, &problem))
		return true;
	if (result != CSV_FAILED)
		fprintf(stderr, "%s: %s: %s\n", in->name, problem.column,
		    problem.text);
	return false;
}

bool
attribute_costs(struct tables *t, const char *file)
{
	struct costs_settings set = { .platform =
					  platform_find(STR("generic")) };
	struct arena *arena = arena_new(16384); /* of a row */
	struct costs *costs = costs_new(&set);
	struct input in;
	bool ok = input_open(&in, file);

	if (ok) {
		ok = read_costs(t, &in, costs, arena);
		t->refused += in.refused;
		input_close(&in);
	}
	costs_free(costs);
	arena_free(arena);
	return ok;
}
