/*
 * models.h - the list of models, in the order of their ids: a model's place
 * here is its number in the tables, so new ones go to the end.
 */
#ifndef AGGREGATOR_MODELS_MODELS_H
#define AGGREGATOR_MODELS_MODELS_H

#include "aggregator/models/model.h"
#include "common/str.h"

/* The one place a new model is named. */
#define MODELS(X)                                                              \
	X(first_touch)                                                         \
	X(last_touch)                                                          \
	X(last_non_direct)                                                     \
	X(linear)                                                              \
	X(time_decay)                                                          \
	X(position_based)
/* Those that learn from data: they credit nothing before a version of theirs
 * is pinned. */
#define TRAINED_MODELS(X) X(markov) X(shapley) X(shapley_rate)

#define MODEL_ID(name) MODEL_##name,
enum model_id {
	MODELS(MODEL_ID) MODEL_COUNT,
	MODEL_BEFORE_TRAINED = MODEL_COUNT - 1,
	TRAINED_MODELS(MODEL_ID) MODEL_ALL
};
#undef MODEL_ID

extern const struct model *const models[MODEL_ALL];

/* The place in models[] of the model called NAME, or -1. */
int models_find(struct str name);

/*
 * Splits AMOUNT (micros, or 10^6 for one conversion) over COUNT touches by
 * WEIGHT into PART, adding up to AMOUNT exactly: floors, then one micro each
 * to the largest remainders, ties to the earlier touch. A negative AMOUNT is
 * split like its positive, negated. Any AMOUNT int64_t holds is split exactly:
 * weights are scaled to 62 bits (what is below 2^-61 of the largest counts as
 * 0) and the rest is arithmetic in 128 bits.
 */
void models_split(
    int64_t amount, const double *weight, size_t count, int64_t *part);
/* The same by whole-number shares (refunds follow the original credits), whose
 * signs do not matter. All zero: all to the first. */
void models_split_shares(
    int64_t amount, const int64_t *given, size_t count, int64_t *part);

#endif
