/*
 * ga4.h - Google Analytics 4: the Measurement Protocol (/mp/collect, and
 * /debug/mp/collect that only checks) and what gtag.js sends (/g/collect).
 */
#ifndef COLLECTOR_GA4_H
#define COLLECTOR_GA4_H

#include "collector/foreign.h"

/* Event EVENT of the Measurement Protocol's body ROOT; AT of COUNT. */
void ga4_read_event(struct foreign *f, const struct json *root,
    const struct json *event, size_t at);
/* One event of gtag, the query and the body's line together in P. */
void ga4_read_gtag(struct foreign *f, const struct params *p);

/* 204 whatever came, as theirs; 503 when it is to come again. */
request_handler ga4_handle;
request_handler ga4_handle_debug;
request_handler ga4_handle_gtag;

#endif
