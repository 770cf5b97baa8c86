/*
 * attribute.h - from a customer's touches and conversions to credits.
 *
 * One pure function: the same customer gives the same credits, whatever
 * came first. DEFINITIONS of the look-back, of duplicates, of refunds and of
 * what is shown for a conversion without a touch live here.
 */
#ifndef AGGREGATOR_MODELS_ATTRIBUTE_H
#define AGGREGATOR_MODELS_ATTRIBUTE_H

#include "aggregator/models/pins.h"
#include "common/arena.h"
#include "common/calendar.h"
#include "common/str.h"

/* Touches of a customer, ordered by (time, event_id). */
struct touch {
	int64_t ts_ms;
	struct str event_id;
	int32_t dim;
	bool direct;
	int32_t channel; /* in the pins of its site; -1: in none */
};

struct refund {
	int64_t ts_ms;
	struct str refund_id;
	int64_t value_micros; /* in the conversion's currency */
};

/* Options of a site: what a path is made of. */
struct attribute_path {
	bool exclude_direct, exposure, reset;
};

enum outcome_state {
	OUTCOME_COUNTED = 0,
	OUTCOME_DUPLICATE = 1, /* another with its order id counts */
	OUTCOME_WAITING = 2    /* no rate for its currency yet */
};

/* A conversion candidate and, filled by attribute(), what becomes of it. */
/* Touches of one conversion that share it: the last so many. Who comes more
 * often in a look-back is a machine, and each costs a row of credits. */
#define ATTRIBUTE_TOUCHES_MAX 2000

struct conversion {
	struct str site, event_id, goal;
	const struct zone *zone;
	int64_t ts_ms;
	int64_t lookback_ms;
	int64_t value_micros; /* in its own currency */
	bool foreign;         /* that is not the site's */
	bool has_rate;
	int64_t rate_micros; /* reporting units for one of it */
	int32_t rate_day;
	bool purchase;
	bool duplicate;         /* lost against another with its order id */
	struct refund *refunds; /* ordered by (time, refund_id) */
	size_t refund_count;
	int32_t unattributed_dim;
	const struct pins *pins; /* of its site; NULL: none */
	struct attribute_path path;

	/* out */
	enum outcome_state state;
	int32_t day;
	int64_t reporting_micros;
	int64_t refunded_micros;
	bool new_customer;
	int32_t *refund_days;   /* of the refunds that count */
	int64_t *refund_micros; /* their amounts, capped at the value */
	size_t refunds_counted;
	struct credit *credits;
	size_t credit_count;
	size_t left_out; /* touches of its path beyond the most */
};

/* One touch's part in one conversion; arrays by model, all 0 for a trained
 * model without a pin on the conversion's day. */
struct credit {
	int32_t touch_no; /* from 1; 0: there was no touch */
	int32_t dim;
	bool has_touch;
	int64_t touch_ts_ms;
	struct str touch_event_id;
	int32_t conversion_day, touch_day;
	int64_t share[MODEL_ALL];
	int64_t value[MODEL_ALL];
	int64_t refund[MODEL_ALL];
};

/*
 * Computes the out part of each of CONVERSIONS, ordered by (time, event_id),
 * over TOUCHES. What it allocates lives in ARENA.
 */
void attribute(const struct touch *touches, size_t touch_count,
    struct conversion *conversions, size_t conversion_count,
    struct arena *arena);

/* Leaves out of the COUNT touches AT what RULES say, except for the reset;
 * returns how many stay. */
size_t attribute_thin(
    const struct attribute_path *rules, struct touch *at, size_t count);

/* True when MODEL credits the conversion of CREDITS. */
bool attribute_credits(const struct credit *credits, size_t count, int model);
/* How long before its click a conversion may be by a clock of its own. */
#define ATTRIBUTE_EARLY_MS (INT64_C(5) * 60000)
/* When a conversion at TS that names a click at CLICK counts: at the click
 * when it is up to five minutes earlier. */
int64_t attribute_time(int64_t ts_ms, int64_t click_ms);

/* MICROS of a foreign currency at RATE, half away from zero; capped at what
 * int64 holds. */
int64_t attribute_convert(int64_t micros, int64_t rate_micros);

/*
 * The parts of refund AMOUNT that fall on the touches of a conversion for
 * MODEL: by their credited values (all zero: by their shares; all of those
 * zero, too: the model does not credit the conversion, and nothing falls).
 */
void attribute_split_refund(const struct credit *credits, size_t count,
    int model, int64_t amount, int64_t *part);

#endif
