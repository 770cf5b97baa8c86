/*
 * status.h - /healthz, /readyz and /metrics of the aggregator, in a thread.
 */
#ifndef AGGREGATOR_STATUS_H
#define AGGREGATOR_STATUS_H

#include "aggregator/world.h"

struct status;

struct status *status_start(struct world *w, struct error *err) MUST_CHECK;
uint16_t status_port(const struct status *a);
void status_stop(struct status *a); /* NULL is allowed */

#endif
