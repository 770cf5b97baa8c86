/*
 * platform.h - what an ad platform's cost export looks like: a table of its
 * column titles in every language, and what its clicks are called. Reading
 * is the same for all, see costs.h.
 */
#ifndef AGGREGATOR_PLATFORMS_PLATFORM_H
#define AGGREGATOR_PLATFORMS_PLATFORM_H

#include "aggregator/platforms/locale.h"

enum cost_column {
	COST_DAY,
	COST_END, /* of the period; must be the same day */
	COST_SITE,
	COST_ACCOUNT_ID, /* goes before the account's name */
	COST_ACCOUNT,
	COST_SOURCE,
	COST_MEDIUM,
	COST_CAMPAIGN,
	COST_CAMPAIGN_ID,
	COST_AMOUNT,
	COST_MICROS, /* an amount in millionths, as the APIs have it */
	COST_CURRENCY,
	COST_CLICKS,
	COST_IMPRESSIONS,
	COST_COLUMNS
};

/* Languages of a title. */
#define IN_EN (1u << LOCALE_EN | 1u << LOCALE_EN_GB)
#define IN_DE (1u << LOCALE_DE)
#define IN_FR (1u << LOCALE_FR)
#define IN_ES (1u << LOCALE_ES)
#define IN_IT (1u << LOCALE_IT)
#define IN_NL (1u << LOCALE_NL)
#define IN_PT (1u << LOCALE_PT)
#define IN_ANY (~0u)

struct platform_title {
	const char *text; /* without a currency in brackets; NULL: the end */
	enum cost_column column;
	unsigned locales; /* IN_ bits */
};

struct platform {
	const char *name;            /* in options and in the table cost */
	const char *source, *medium; /* of its clicks; NULL: columns */
	const struct platform_title *titles;
};

/* The platform called NAME, or NULL. */
const struct platform *platform_find(struct str name);
/* Number I, from 0; NULL behind the last. */
const struct platform *platform_at(size_t i);

#endif
