/*
 * daily.h - the daily cells: what credits and visits add up to.
 *
 * Collects changes of cells; the store adds them to the tables. What was
 * stored before is taken back by the same functions with sign -1, so that a
 * cell is always the sum of what stands in the tables of credits.
 */
#ifndef AGGREGATOR_REPORT_DAILY_H
#define AGGREGATOR_REPORT_DAILY_H

#include "aggregator/models/attribute.h"

enum daily_basis { DAILY_BY_CONVERSION = 0, DAILY_BY_TOUCH = 1 };

/* One cell of campaign_daily. */
struct daily_cell {
	int32_t day;
	int32_t dim;
	int16_t basis; /* enum daily_basis */
	int16_t model;
	int64_t conversions, orders, order_value, new_customers;
	int64_t value, refund, booked_refund;
};

/* One cell of traffic_daily. */
struct daily_traffic {
	int32_t day;
	int32_t dim;
	int64_t visits, touches;
};

struct daily;

struct daily *daily_new(void);
void daily_free(struct daily *d); /* NULL is allowed */
void daily_reset(struct daily *d);

/*
 * Adds (SIGN 1) or takes back (SIGN -1) a counted conversion: its CREDITS
 * and the refunds booked on their own days.
 */
void daily_add(struct daily *d, int sign, const struct conversion *c);

/* A visit's part; fits visit_count()'s callback. CTX is a struct daily. */
void daily_add_traffic(
    void *ctx, int32_t day, int32_t dim, int64_t visits, int64_t touches);

/* The changed cells, all-zero changes left out, in key order. Lent until the
 * next change. */
const struct daily_cell *daily_cells(struct daily *d, size_t *count);
const struct daily_traffic *daily_traffic(struct daily *d, size_t *count);

#endif
