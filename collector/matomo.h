/*
 * matomo.h - Matomo's tracking API: /matomo.php by GET, by POST with the
 * parameters in the query, and in bulk.
 */
#ifndef COLLECTOR_MATOMO_H
#define COLLECTOR_MATOMO_H

#include "collector/foreign.h"

/* One request of parameters P. F's lane is HIT_SERVER when its token is one
 * of the site's. */
void matomo_read(struct foreign *f, const struct params *p);

/* Single ones get an image or 204, a bulk of them how many were taken. */
request_handler matomo_handle;

#endif
