/*
 * attribute_tables.h - the CSV files beside the events of `afterclick
 * attribute`: currency rates and costs, as import-fx and import-costs take
 * them.
 */
#ifndef AGGREGATOR_CLI_ATTRIBUTE_TABLES_H
#define AGGREGATOR_CLI_ATTRIBUTE_TABLES_H

#include "aggregator/report/offline.h"

struct tables {
	struct offline *offline;
	const struct sites *sites;
	const struct rules *rules;
	const struct site *site; /* of rows that name none; NULL: none */
	int64_t refused;         /* rows, counted up */
};

/* Both: false when the file cannot be read, which was told on stderr. Bad
 * rows are told and counted. Rates come before costs. */
bool attribute_rates(struct tables *t, const char *file) MUST_CHECK;
bool attribute_costs(struct tables *t, const char *file) MUST_CHECK;

#endif
