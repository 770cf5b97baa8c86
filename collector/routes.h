/*
 * routes.h - which path is served by whom.
 */
#ifndef COLLECTOR_ROUTES_H
#define COLLECTOR_ROUTES_H

#include "collector/request.h"

#define ROUTES_MAX 32

struct route; /* a row of the table in routes.c */

/* The table with the paths of one configuration. */
struct routes {
	struct {
		struct str path;
		const struct route *route;
	} at[ROUTES_MAX];
	size_t count;
};

/* Paths are lent by SET. */
void routes_init(struct routes *routes, const struct collector_settings *set);

/* Serves X, and answers 404 or 405 where no row does. */
void routes_serve(const struct routes *routes, struct exchange *x,
    struct request_shared *shared);

#endif
