/*
 * pin.h - which version of a trained model credits a site's conversions.
 */
#ifndef AGGREGATOR_STORE_PIN_H
#define AGGREGATOR_STORE_PIN_H

#include "common/error.h"
#include "common/str.h"

struct postgres;

struct pin_request {
	int model;
	int64_t version; /* 0: takes the model's pins back */
	struct str site; /* empty: of the version, else all */
	bool has_from;
	int32_t from_day; /* if not has_from: today, or ever with restate */
	bool restate;     /* days before today may change */
};

/*
 * Pins in the transaction that PG is in, and marks the customers whose
 * credits change by it: aggregators compute them anew. False and ERR
 * (ERROR_REJECT) when there is no such version or site, or a day before today
 * would change unasked.
 */
bool pin_version(struct postgres *pg, const struct pin_request *request,
    struct error *err) MUST_CHECK;

#endif
