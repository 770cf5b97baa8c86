/*
 * models.c - the list of models, and weights turned into money.
 *
 * Splitting is done in whole numbers of 128 bits, so that parts add up to
 * the amount exactly whatever the amount, and every machine gets the same.
 */
#include "aggregator/models/models.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define DECLARE(name) extern const struct model model_##name;
MODELS(DECLARE)
TRAINED_MODELS(DECLARE)
#undef DECLARE
#define ENTRY(name) &model_##name,
const struct model *const models[MODEL_ALL] = { MODELS(ENTRY)
	    TRAINED_MODELS(ENTRY) };
#undef ENTRY

/* Weights become whole numbers below 2^WEIGHT_BITS; an amount is at most
 * 2^63, so a product stays below 2^125 and a sum over any path below 2^126. */
#define WEIGHT_BITS 62
#define FEW 64 /* touches that need no malloc */

typedef unsigned __int128 wide;

struct remainder {
	wide rest;
	size_t place;
};

int
models_find(struct str name)
{
	for (int i = 0; i < MODEL_ALL; i++) {
		if (str_is(name, models[i]->name))
			return i;
	}
	return -1;
}

static int
larger_first(const void *a, const void *b)
{
	const struct remainder *x = a, *y = b;

	if (x->rest != y->rest)
		return x->rest > y->rest ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

/* Splits AMOUNT by SHARE, which are not all zero, into floors and hands what
 * is left to the largest remainders: fewer units than there are touches. */
static void
split(uint64_t amount, const uint64_t *share, size_t count, bool negative,
    int64_t *part)
{
	struct remainder few[FEW], *rem = few;
	uint64_t left = amount;
	wide total = 0;

	for (size_t i = 0; i < count; i++)
		total += share[i];
	assert(total > 0);
	if (count > FEW)
		rem = mem_alloc(count * sizeof(*rem));
	for (size_t i = 0; i < count; i++) {
		wide due = (wide)amount * share[i];
		uint64_t whole = (uint64_t)(due / total);

		rem[i] = (struct remainder){ due % total, i };
		/* -(2^63) is reached only by way of unsigned */
		part[i] = (int64_t)(negative ? 0 - whole : whole);
		left -= whole;
	}
	if (left > 0) {
		assert(left < count);
		qsort(rem, count, sizeof(*rem), larger_first);
		for (size_t i = 0; i < left; i++)
			part[rem[i].place] += negative ? -1 : 1;
	}
	if (rem != few)
		free(rem);
}

static uint64_t
magnitude(int64_t n)
{
	return n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
}

/* Room for COUNT whole-number shares: FEW when they fit. */
static uint64_t *
room(uint64_t *few, size_t count)
{
	return count > FEW ? mem_alloc(count * sizeof(*few)) : few;
}

void
models_split(int64_t amount, const double *weight, size_t count, int64_t *part)
{
	uint64_t few[FEW], *share = room(few, count);
	double largest = 0;
	int exponent;

	for (size_t i = 0; i < count; i++) {
		assert(isfinite(weight[i]) && weight[i] >= 0);
		if (weight[i] > largest)
			largest = weight[i];
	}
	assert(largest > 0);
	/* A power of two: equal weights stay equal, whole ones exact. */
	frexp(largest, &exponent);
	for (size_t i = 0; i < count; i++)
		share[i] = (uint64_t)ldexp(weight[i], WEIGHT_BITS - exponent);
	split(magnitude(amount), share, count, amount < 0, part);
	if (share != few)
		free(share);
}

void
models_split_shares(
    int64_t amount, const int64_t *given, size_t count, int64_t *part)
{
	uint64_t few[FEW], *share = room(few, count);
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		share[i] = magnitude(given[i]);
		any = any || share[i] > 0;
	}
	if (!any && count > 0)
		share[0] = 1;
	if (count > 0)
		split(magnitude(amount), share, count, amount < 0, part);
	if (share != few)
		free(share);
}
