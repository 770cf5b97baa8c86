/*
 * sitewatch.h - what should wake somebody about a site, as gauges by site:
 * conversions that its visits would have brought and did not, and how much of
 * the shop's orders and the platforms' clicks is tracked, of late and before.
 *
 * The view site_watch knows days; whoever looks again and again knows more
 * exactly what came since the last conversion. One of all aggregators looks,
 * the one that sweeps, and the others say nothing.
 */
#ifndef AGGREGATOR_SITEWATCH_H
#define AGGREGATOR_SITEWATCH_H

#include "common/error.h"
#include "common/postgres.h"
#include "common/str.h"

#define SITEWATCH_MOST 200 /* sites; the first by name */

/* Looks, if it is time. It takes less than a hundredth of the time. */
bool sitewatch_look(struct postgres *pg, struct error *err) MUST_CHECK;
/* Says nothing more until somebody looks again. */
void sitewatch_forget(void);
/* Appends the gauges, as metrics_expose() does. From any thread. */
void sitewatch_expose(struct buf *out);

#endif
