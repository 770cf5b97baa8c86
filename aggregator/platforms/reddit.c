/*
 * reddit.c - Reddit Ads: reports by day.
 */
#include "aggregator/platforms/platform.h"

extern const struct platform platform_reddit;

static const struct platform_title titles[] = { { "Date", COST_DAY, IN_EN },
	{ "DATE", COST_DAY, IN_ANY }, { "Campaign Name", COST_CAMPAIGN, IN_EN },
	{ "CAMPAIGN_NAME", COST_CAMPAIGN, IN_ANY },
	{ "Campaign ID", COST_CAMPAIGN_ID, IN_EN },
	{ "CAMPAIGN_ID", COST_CAMPAIGN_ID, IN_ANY },
	{ "Account ID", COST_ACCOUNT_ID, IN_EN },
	{ "ACCOUNT_ID", COST_ACCOUNT_ID, IN_ANY },
	{ "Account Name", COST_ACCOUNT, IN_EN },
	{ "Currency", COST_CURRENCY, IN_EN },
	{ "CURRENCY", COST_CURRENCY, IN_ANY },
	{ "Amount Spent", COST_AMOUNT, IN_EN }, { "Spend", COST_AMOUNT, IN_EN },
	{ "SPEND_MICROS", COST_MICROS, IN_ANY },
	{ "Impressions", COST_IMPRESSIONS, IN_ANY },
	{ "Clicks", COST_CLICKS, IN_ANY }, { NULL, COST_COLUMNS, 0 } };

const struct platform platform_reddit = { "reddit", "reddit", "cpc", titles };
