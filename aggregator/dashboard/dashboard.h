/*
 * dashboard.h - the page for people and its API, on an address of its own.
 */
#ifndef AGGREGATOR_DASHBOARD_DASHBOARD_H
#define AGGREGATOR_DASHBOARD_DASHBOARD_H

#include "aggregator/world.h"

struct dashboard;

/* *OUT is NULL where the settings want none. */
bool dashboard_start(
    struct world *w, struct dashboard **out, struct error *err) MUST_CHECK;
uint16_t dashboard_port(const struct dashboard *d);
void dashboard_stop(struct dashboard *d); /* NULL is allowed */

#endif
