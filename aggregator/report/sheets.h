/*
 * sheets.h - what offline.h computed, as CSV: the columns and the spelling
 * of the views, so that a file equals what psql shows of the tables.
 */
#ifndef AGGREGATOR_REPORT_SHEETS_H
#define AGGREGATOR_REPORT_SHEETS_H

#include "aggregator/report/offline.h"

/* Takes what has gathered in OUT and empties it; false ends the sheet. */
typedef bool sheets_flush(void *ctx, struct buf *out);

/* The heads, with their line ends. */
void sheets_credits_head(struct buf *out);
void sheets_waiting_head(struct buf *out);

/* conversion_credits: a row for each model and touch of C. */
void sheets_credits(const struct offline *o, struct hash128 customer,
    const struct conversion_fact *fact, const struct conversion *c,
    struct buf *out);
/* waiting_conversions */
void sheets_waiting(const struct conversion_fact *fact,
    const struct conversion *c, struct buf *out);

/* campaign_roi_daily without day_status and revision, which only a running
 * aggregator has; with its head. */
bool sheets_daily(struct offline *o, struct buf *out, sheets_flush *flush,
    void *ctx) MUST_CHECK;
/* path, conversions, value, nulls, site; with its head, the most frequent
 * first. */
bool sheets_paths(struct offline *o, struct buf *out, sheets_flush *flush,
    void *ctx) MUST_CHECK;

#endif
