/*
 * checker.h - a thread that adds up the tables: every daily cell is the sum
 * of its credits, every conversion is shared out whole.
 *
 * It looks at the days that this aggregator changed, soon; one of all
 * aggregators also looks at every day in turn. What it costs is bounded: it
 * rests nine times as long as it works. On the way it says which campaigns of
 * a day that has too many are shown as (other), removes what is kept too long,
 * and watches the sites.
 */
#ifndef AGGREGATOR_CHECKER_H
#define AGGREGATOR_CHECKER_H

#include "aggregator/world.h"

struct checker;

/* Runs until w->stopping. */
struct checker *checker_start(struct world *w);
/* DAY has changed. From any thread; CTX is a checker. */
void checker_changed(void *ctx, int32_t day);
/* Joins and frees. NULL is allowed. */
void checker_join(struct checker *c);

#endif
