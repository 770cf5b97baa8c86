/*
 * generic.c - a table of our own, and what GA4 takes as cost data:
 * date, source, medium, campaign, cost.
 */
#include "aggregator/platforms/platform.h"

extern const struct platform platform_generic;

static const struct platform_title titles[] = { { "date", COST_DAY, IN_ANY },
	{ "day", COST_DAY, IN_ANY }, { "site", COST_SITE, IN_ANY },
	{ "account", COST_ACCOUNT, IN_ANY }, { "source", COST_SOURCE, IN_ANY },
	{ "utm_source", COST_SOURCE, IN_ANY },
	{ "medium", COST_MEDIUM, IN_ANY },
	{ "utm_medium", COST_MEDIUM, IN_ANY },
	{ "campaign", COST_CAMPAIGN, IN_ANY },
	{ "utm_campaign", COST_CAMPAIGN, IN_ANY },
	{ "campaign_name", COST_CAMPAIGN, IN_ANY },
	{ "campaign_id", COST_CAMPAIGN_ID, IN_ANY },
	{ "utm_id", COST_CAMPAIGN_ID, IN_ANY },
	{ "id", COST_CAMPAIGN_ID, IN_ANY }, { "cost", COST_AMOUNT, IN_ANY },
	{ "spend", COST_AMOUNT, IN_ANY }, { "daily_cost", COST_AMOUNT, IN_ANY },
	{ "cost_micros", COST_MICROS, IN_ANY },
	{ "currency", COST_CURRENCY, IN_ANY },
	{ "clicks", COST_CLICKS, IN_ANY },
	{ "daily_clicks", COST_CLICKS, IN_ANY },
	{ "impressions", COST_IMPRESSIONS, IN_ANY },
	{ "daily_impressions", COST_IMPRESSIONS, IN_ANY },
	{ NULL, COST_COLUMNS, 0 } };

const struct platform platform_generic = { "generic", NULL, NULL, titles };
