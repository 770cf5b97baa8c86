/*
 * offline.h - the engine over one set of events in memory, without Kafka and
 * PostgreSQL: the same facts, visits, credits and cells as the tables hold.
 *
 * A function of the set of events: their order changes nothing. Memory is
 * bounded by touches, conversions and customers, not by hits.
 */
#ifndef AGGREGATOR_REPORT_OFFLINE_H
#define AGGREGATOR_REPORT_OFFLINE_H

#include "aggregator/journey/facts.h"
#include "aggregator/report/daily.h"

struct offline;

/* Both outlive the result, which the caller owns. */
struct offline *offline_new(
    const struct sites *sites, const struct rules *rules);
void offline_free(struct offline *o); /* NULL is allowed */

/* Adds an event. False and ERR (ERROR_REJECT): of no use, nothing added.
 * Copies. */
bool offline_add(struct offline *o, const struct record *record,
    struct error *err) MUST_CHECK;
/* A rate to the currency BASE; of several of one day the last one counts. */
void offline_rate(struct offline *o, struct str base, struct str currency,
    int32_t day, int64_t micros);

/* What a campaign cost on a day. */
struct offline_cost {
	const struct site *site;
	int32_t day;
	struct origin origin; /* of classify_names() */
	struct str campaign_id, currency;
	int64_t micros;
	int64_t clicks, impressions; /* -1: not given */
};
/* Adds a cost. False when its day and campaign have one already, which is
 * kept. Copies. Rates come first. */
bool offline_cost(struct offline *o, const struct offline_cost *c) MUST_CHECK;

/* A number of the events' campaigns and what it stands for. */
struct offline_dim {
	const struct site *site;
	struct str source, medium, campaign, channel;
	uint32_t channel_no;
};

/* Who is told, while offline_run() goes from customer to customer. */
struct offline_sink {
	void *ctx;
	/* A conversion that counts, with its credits. May be NULL. */
	void (*counted)(void *ctx, struct hash128 customer,
	    const struct conversion_fact *fact, const struct conversion *c);
	/* One that waits for a currency rate. May be NULL. */
	void (*waits)(void *ctx, const struct conversion_fact *fact,
	    const struct conversion *c);
};

struct offline_counts {
	int64_t events, bots;
	int64_t customers; /* with a touch or a conversion */
	int64_t visits, touches;
	int64_t candidates; /* rows of state: more than touches */
	int64_t conversions, duplicates, waiting, unattributed;
	int64_t repeats; /* conversions and refunds whose id came again */
	int64_t refunds, refunds_waiting;
	int64_t costs, costs_waiting;
	int64_t row_bytes, party_bytes; /* of the state */
};

/* Computes everything, once, after all was added. */
void offline_run(struct offline *o, const struct offline_sink *sink);

/* --- after offline_run() -------------------------------------------------- */
const struct offline_counts *offline_counts(const struct offline *o);
const struct offline_dim *offline_dim(const struct offline *o, int32_t dim);
/* The cells; see daily.h. */
struct daily *offline_daily(struct offline *o);

/* The n-th path of channels, COUNT numbers of channels; false behind the
 * last. */
struct offline_path_row {
	const struct site *site;
	const struct str *channel; /* lent until the next call */
	size_t count;
	int64_t conversions, value_micros; /* after refunds */
	int64_t nulls; /* customers whose look-back ended without one */
};
bool offline_path(struct offline *o, size_t n, struct offline_path_row *row);

/* Costs of a day and campaign; waiting: some have no rate yet. */
struct offline_spent {
	int32_t day, dim;
	bool waiting;
	int64_t micros, clicks, impressions; /* clicks and impressions: -1 */
};
/* Ordered by day and dim. */
const struct offline_spent *offline_spent(const struct offline *o, size_t *n);

#endif
