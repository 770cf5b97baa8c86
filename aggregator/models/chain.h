/*
 * chain.h - the Markov chain of paths of channels: states are the last ORDER
 * channels (a shorter path is one state), equal neighbours are one.
 */
#ifndef AGGREGATOR_MODELS_CHAIN_H
#define AGGREGATOR_MODELS_CHAIN_H

#include "aggregator/models/learn.h"

/* The transitions of state S are edges first[S]..first[S + 1]. */
struct chain {
	size_t states, edges;
	int order;
	int32_t *gram;    /* ORDER a state, -1 where a path was shorter */
	double *start;    /* chance to begin here */
	double *converts; /* chance that the next step is the conversion */
	double *visits;   /* how often a path is here, on average */
	size_t *first;
	uint32_t *to;
	double *chance;
	double rate;   /* conversions / paths */
	double length; /* states of a path, on average */
};

/* The caller owns what is in OUT: chain_free(). False and ERR when it would
 * have more states or edges than fit. */
bool chain_make(const struct learn_paths *paths, int order, struct chain *out,
    struct error *err) MUST_CHECK;
void chain_free(struct chain *c);

/* True when state S contains CHANNEL. */
static inline bool
chain_has(const struct chain *c, size_t s, int32_t channel)
{
	for (int i = 0; i < c->order; i++) {
		if (c->gram[s * (size_t)c->order + (size_t)i] == channel)
			return true;
	}
	return false;
}

#endif
