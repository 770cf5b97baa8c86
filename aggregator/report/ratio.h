/*
 * ratio.h - quotients and sums as PostgreSQL's numeric prints them, so that
 * a file made without a server equals what psql shows.
 */
#ifndef AGGREGATOR_REPORT_RATIO_H
#define AGGREGATOR_REPORT_RATIO_H

#include "common/str.h"

__extension__ typedef __int128 ratio_int;

/* A decimal number: DIGITS * 10^-PLACES. */
struct decimal {
	ratio_int digits;
	int places; /* 0 to 12 */
};

/* Appends A / B with as many places as numeric's division gives; nothing
 * when B is 0. */
void ratio_add(struct buf *out, struct decimal a, struct decimal b);

/* Appends MICROS as numeric(38,6): always six places. */
void ratio_add_micros(struct buf *out, int64_t micros);

#endif
