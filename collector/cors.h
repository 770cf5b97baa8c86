/*
 * cors.h - which pages may read our answers and send their cookies: those
 * of the origins that a site lists, never all and never "null".
 */
#ifndef COLLECTOR_CORS_H
#define COLLECTOR_CORS_H

#include "collector/request.h"

/* True when ORIGIN is listed by SITE, or by any of SITES when SITE is NULL. */
bool cors_listed(
    const struct sites *sites, const struct site *site, struct str origin);

/* Adds the fields for R's Origin to its answer, and Vary in any case. SITE
 * may be NULL while it is not known. */
void cors_apply(struct request *r, const struct site *site);

/* Answers a preflight for METHODS ("POST, OPTIONS"). */
void cors_preflight(struct request *r, const char *methods);

#endif
