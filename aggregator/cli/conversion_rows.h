/*
 * conversion_rows.h - a row of afterclick import-conversions, checked as the
 * collector's server lane will check it, as an event.
 *
 * An event's id is the row's own or a hash of what the row says, so a file
 * that is sent again, sorted otherwise or with further rows, counts nothing
 * twice.
 */
#ifndef AGGREGATOR_CLI_CONVERSION_ROWS_H
#define AGGREGATOR_CLI_CONVERSION_ROWS_H

#include "aggregator/cli/rows.h"
#include "common/digest.h"
#include "common/site.h"

extern const struct rows_column conversion_columns[];
#define CONVERSION_COLUMNS_MAX 52

struct conversion_row {
	bool adjusts;      /* restates or retracts: no event yet */
	struct hash128 id; /* of what the row says */
	/* Of an adjustment; the texts are lent as the row's values are. */
	struct str order_id, currency;
	int64_t time_ms, value_micros;
};

/*
 * Reads VALUES, a row of conversion_columns, of a file for SITE at the time
 * NOW_MS into ROW, and unless it adjusts writes its event into EVENT (emptied
 * first). False and refused, with the reason, in R.
 */
bool conversion_row_read(struct rows *r, const struct str *values,
    const struct site *site, int64_t now_ms, struct conversion_row *row,
    struct buf *event) MUST_CHECK;

#endif
