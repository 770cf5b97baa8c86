/*
 * attributor.h - threads that attribute dirty customers, one connection each.
 */
#ifndef AGGREGATOR_ATTRIBUTOR_H
#define AGGREGATOR_ATTRIBUTOR_H

#include "aggregator/checker.h"

struct attributor;

/* Starts COUNT threads, which tell CHECKER of the days they change; they run
 * until w->stopping. */
struct attributor *attributor_start(
    struct world *w, int64_t count, struct checker *checker);
/* There may be work: do not wait for the next look. CTX is an attributor. */
void attributor_wake(void *ctx);
/* Joins the threads and frees. */
void attributor_join(struct attributor *a);

#endif
